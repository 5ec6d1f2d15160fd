// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	kjson "sigs.k8s.io/json"

	"github.com/microstaging/preview-stacks/internal/wire"
)

type text string

type inner struct {
	Self *inner `json:"self"`
	Name text   `json:"name"`
}

type quoted struct {
	Number int `json:"number,string"`
}

// A sampler has a member of each sort that types of the Kubernetes API have.
type sampler struct {
	metav1.TypeMeta `json:",inline"`

	Text    text                         `json:"text"`
	Whole   int32                        `json:"whole"`
	Count   uint8                        `json:"count"`
	Half    float64                      `json:"half"`
	Yes     *bool                        `json:"yes"`
	Time    metav1.Time                  `json:"time"`
	When    *metav1.Time                 `json:"when"`
	Size    resource.Quantity            `json:"size"`
	Port    intstr.IntOrString           `json:"port"`
	Bytes   []byte                       `json:"bytes"`
	List    []inner                      `json:"list"`
	Map     map[text]inner               `json:"map"`
	Sizes   map[string]resource.Quantity `json:"sizes"`
	Any     any                          `json:"any"`
	Quoted  quoted                       `json:"quoted"`
	Array   [2]int                       `json:"array"`
	Hidden  string                       `json:"-"`
	Unnamed string
}

const everything = `{"kind": "K", "apiVersion": "v1", "text": "a\"b\u00e9", "whole": -3, "count": 200, "half": 0.5, "yes": true,
		"time": "2026-03-04T05:06:07Z", "when": "2026-03-04T05:06:07+02:00", "size": "1Gi", "port": "http", "bytes": "aGk=",
		"list": [{"name": "a", "self": {"name": "b"}}, null, {}], "map": {"x": {"name": "y"}}, "sizes": {"cpu": 2},
		"any": {"a": [1, 0.5, "c", null, false]}, "quoted": {"number": "7"}, "array": [1, 2], "-": "no", "Hidden": "no",
		"Unnamed": "u", "unknown": {"deep": []}, "TEXT": "another case is another member"}`

// Whatever a JSON decoder makes of an object, Decode makes of it too.
func TestDecodeAgreesWithJSON(t *testing.T) {
	cases := map[string]struct {
		reason string
		object string
		into   sampler
	}{
		"Full":           {reason: "every sort of member is read", object: everything},
		"Empty":          {reason: "absent members stay as they are", object: `{}`, into: sampler{Text: "kept", List: []inner{{Name: "kept"}}}},
		"EmptyInside":    {reason: "an empty list or map is not a nil one", object: `{"list": [], "map": {}, "any": {}}`},
		"Onto":           {reason: "what is there is replaced, or filled further", object: everything, into: sampler{Yes: new(bool), List: make([]inner, 5), Map: map[text]inner{"z": {}}}},
		"Null":           {reason: "null empties what can be empty", object: `{"text": null, "yes": null, "time": null, "when": null, "list": null, "map": null, "any": null, "size": null}`, into: sampler{Text: "kept", Yes: new(bool), Time: metav1.Now(), When: &metav1.Time{}, List: []inner{{}}, Map: map[text]inner{"z": {}}, Any: "x"}},
		"Through":        {reason: "an interface that holds a pointer is read through", object: `{"any": {"name": "n"}}`, into: sampler{Any: &inner{Name: "old"}}},
		"TextForNumber":  {reason: "a number is not text", object: `{"whole": "3", "text": "still read"}`},
		"NumberForText":  {reason: "text is no number", object: `{"text": 3}`},
		"TooLarge":       {reason: "a number must fit", object: `{"count": 256}`},
		"Negative":       {reason: "an unsigned number has no sign", object: `{"count": -1}`},
		"Fraction":       {reason: "an integer has no fraction", object: `{"whole": 1.5}`},
		"ListForObject":  {reason: "a list is no object", object: `{"map": []}`},
		"ObjectForList":  {reason: "an object is no list", object: `{"list": {}}`},
		"NoTime":         {reason: "a time must be one", object: `{"time": "yesterday"}`},
		"NoQuantity":     {reason: "types that read themselves refuse too", object: `{"sizes": {"cpu": "many"}}`},
		"DeepInWrong":    {reason: "errors deep inside are found", object: `{"list": [{"self": {"name": true}}]}`},
		"TextForPointer": {reason: "what a pointer leads to is of a type", object: `{"yes": "true"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want, got := clone(tc.into), clone(tc.into)
			wantErr := kjson.UnmarshalCaseSensitivePreserveInts([]byte(tc.object), &want)
			r, err := wire.FromStruct(object(t, tc.object))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Decode(&got); (err != nil) != (wantErr != nil) {
				t.Fatalf("%s\nDecode(...): got error %v, want %v", tc.reason, err, wantErr)
			}
			if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
				t.Errorf("%s\nDecode(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// clone gives each decoder pointers, lists and maps of its own.
func clone(s sampler) sampler {
	if s.Yes != nil {
		yes := *s.Yes
		s.Yes = &yes
	}
	if p, ok := s.Any.(*inner); ok {
		held := *p
		s.Any = &held
	}
	s.List = append([]inner(nil), s.List...)
	if s.Map != nil {
		m := map[text]inner{}
		for k, v := range s.Map {
			m[k] = v
		}
		s.Map = m
	}
	return s
}
