// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package healthtest makes observed objects for tests.
package healthtest

import (
	"encoding/json"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// An Object is an observed object, held as JSON. It reads what it is asked for
// and no more, as the reader of real observed objects does.
type Object struct {
	raw  map[string]any
	head struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
	}
}

// FromYAML reads an object from YAML or JSON. It panics on text that is
// neither, which is a mistake in the test.
func FromYAML(text string) *Object {
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return fromJSON(data)
}

// FromTyped takes a typed object as it is encoded.
func FromTyped(object any) *Object {
	data, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return fromJSON(data)
}

func fromJSON(data []byte) *Object {
	o := &Object{}
	if err := json.Unmarshal(data, &o.raw); err != nil {
		panic(err)
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &o.head); err != nil {
		panic(err)
	}
	return o
}

// APIVersion of the object.
func (o *Object) APIVersion() string { return o.head.APIVersion }

// Kind of the object.
func (o *Object) Kind() string { return o.head.Kind }

// Generation of the object's spec.
func (o *Object) Generation() int64 { return o.head.Metadata.Generation }

// CreatedAt is when the object was created.
func (o *Object) CreatedAt() time.Time { return o.head.Metadata.CreationTimestamp.Time }

// Deleting tells whether the object's deletion has begun.
func (o *Object) Deleting() bool { return o.head.Metadata.DeletionTimestamp != nil }

// Decode reads the named members.
func (o *Object) Decode(into any, members ...string) error {
	selected := any(o.raw)
	if len(members) > 0 {
		selected = pick(o.raw, members)
	}
	data, err := json.Marshal(selected)
	if err != nil {
		return err //nolint:wrapcheck // A test's helper.
	}
	return kjson.UnmarshalCaseSensitivePreserveInts(data, into) //nolint:wrapcheck // A test's helper.
}

func pick(from map[string]any, members []string) map[string]any {
	out := map[string]any{}
	below := map[string][]string{}
	for _, m := range members {
		head, rest, deeper := strings.Cut(m, ".")
		value, ok := from[head]
		switch {
		case !ok:
		case !deeper:
			out[head] = value
		default:
			below[head] = append(below[head], rest)
		}
	}
	for head, rest := range below {
		if object, ok := from[head].(map[string]any); ok {
			out[head] = pick(object, rest)
		}
	}
	return out
}
