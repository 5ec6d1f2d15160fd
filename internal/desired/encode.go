// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"errors"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Encode turns an object into the form a function's response carries.
//
// The object is a pointer to a struct with JSON tags, such as any type of
// k8s.io/api, or an *unstructured.Unstructured. Its apiVersion and kind are
// those of gvk; a zero gvk keeps the object's own TypeMeta. Encode never
// changes the object, and shares no memory with it that either side mutates.
//
// It fails when neither names a kind, and on values JSON cannot hold: NaN,
// channels, integers beyond 2^53.
func Encode(obj any, gvk schema.GroupVersionKind) (*structpb.Struct, error) {
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return encodeUnstructured(u, gvk)
	}
	v := reflect.ValueOf(obj)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("cannot encode %T as a resource: want a pointer to a struct", obj)
	}
	a := arenas.Get().(*arena) //nolint:forcetypeassert // The pool holds nothing else.
	defer arenas.Put(a)
	out, err := planFor(v.Type().Elem()).object(a, v.Elem(), statusMember)
	if err != nil {
		return nil, fmt.Errorf("cannot encode %T: %w", obj, err)
	}
	s := out.GetStructValue()
	return s, identify(s, obj, gvk)
}

// Value encodes any value as encoding/json would, with the same noise left
// out. Unlike Encode it keeps a member called status: it serves what is not a
// whole resource, such as the status of the composite itself.
func Value(v any) (*structpb.Value, error) {
	if v == nil {
		return null(), nil
	}
	a := arenas.Get().(*arena) //nolint:forcetypeassert // The pool holds nothing else.
	defer arenas.Put(a)
	rv := reflect.ValueOf(v)
	out, err := encoderFor(rv.Type())(a, rv)
	if err != nil {
		return nil, fmt.Errorf("cannot encode %T: %w", v, err)
	}
	return out, nil
}

func encodeUnstructured(u *unstructured.Unstructured, gvk schema.GroupVersionKind) (*structpb.Struct, error) {
	v, err := Value(u.Object)
	if err != nil {
		return nil, err
	}
	s := v.GetStructValue()
	if s == nil {
		return nil, errors.New("cannot encode an unstructured object without content")
	}
	delete(s.GetFields(), statusMember)
	if meta := s.GetFields()["metadata"].GetStructValue(); meta != nil {
		if _, isNull := meta.GetFields()["creationTimestamp"].GetKind().(*structpb.Value_NullValue); isNull {
			delete(meta.GetFields(), "creationTimestamp")
		}
	}
	return s, identify(s, u, gvk)
}

// identify sets apiVersion and kind, or makes sure that the object had both:
// Crossplane refuses a desired resource without them, and takes the whole
// composite down with it.
func identify(s *structpb.Struct, obj any, gvk schema.GroupVersionKind) error {
	if gvk.Kind != "" && gvk.Version != "" {
		apiVersion, kind := gvk.ToAPIVersionAndKind()
		s.Fields["apiVersion"] = structpb.NewStringValue(apiVersion)
		s.Fields["kind"] = structpb.NewStringValue(kind)
		return nil
	}
	if s.GetFields()["apiVersion"].GetStringValue() == "" || s.GetFields()["kind"].GetStringValue() == "" {
		return fmt.Errorf("cannot encode %T: it has no apiVersion and kind: set its TypeMeta, or name its kind", obj)
	}
	return nil
}
