// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Fields of State.
const (
	stateComposite protowire.Number = 1
	stateResources protowire.Number = 2
)

// Observed is what Crossplane observed before it called the function.
type Observed struct {
	// Composite is the composite resource (XR) itself.
	Composite Resource

	composed map[string]Resource
}

// Observe gives access to a request's observed state. It indexes the composed
// resources by their keys and decodes nothing else.
//
// The result is valid as long as the request is not changed. Observe fails on
// malformed bytes.
func Observe(req *fnv1.RunFunctionRequest) (*Observed, error) {
	o := &Observed{}
	b := req.GetObserved().ProtoReflect().GetUnknown()
	if err := o.count(b); err != nil {
		return nil, fmt.Errorf("cannot read observed state: %w", err)
	}
	if err := eachField(b, o.read); err != nil {
		return nil, fmt.Errorf("cannot read observed state: %w", err)
	}
	if err := o.readDecoded(req.GetObserved()); err != nil {
		return nil, fmt.Errorf("cannot read observed state: %w", err)
	}
	return o, nil
}

// count sizes the index, which would otherwise be grown over and over.
func (o *Observed) count(b []byte) error {
	n := 0
	err := eachField(b, func(f field) error {
		if f.number == stateResources {
			n++
		}
		return nil
	})
	o.composed = make(map[string]Resource, n)
	return err
}

func (o *Observed) read(f field) error {
	switch {
	case f.is(stateComposite, protowire.BytesType):
		r, err := readResource(f.bytes)
		o.Composite = r
		return err
	case f.is(stateResources, protowire.BytesType):
		key, value, err := entry(f.bytes)
		if err != nil {
			return err
		}
		r, err := readResource(value)
		o.composed[string(key)] = r
		return err
	}
	return nil
}

// readDecoded adds what the plain codec, or a test, put into the request.
func (o *Observed) readDecoded(s *fnv1.State) error {
	if s.GetComposite() != nil {
		r, err := encodeResource(s.GetComposite())
		if err != nil {
			return err
		}
		o.Composite = r
	}
	for key, res := range s.GetResources() {
		r, err := encodeResource(res)
		if err != nil {
			return fmt.Errorf("resource %q: %w", key, err)
		}
		o.composed[key] = r
	}
	return nil
}

// Get returns the composed resource with a key. If there is none, the Resource
// does not Exist and reads as empty.
func (o *Observed) Get(key string) Resource { return o.composed[key] }

// Has tells whether a composed resource with this key was observed.
func (o *Observed) Has(key string) bool {
	_, ok := o.composed[key]
	return ok
}

// Len is the number of composed resources.
func (o *Observed) Len() int { return len(o.composed) }

// Keys returns the keys of the composed resources, sorted.
func (o *Observed) Keys() []string { return slices.Sorted(maps.Keys(o.composed)) }

// All iterates over the composed resources in the order of their keys.
func (o *Observed) All() iter.Seq2[string, Resource] {
	return func(yield func(string, Resource) bool) {
		for _, key := range o.Keys() {
			if !yield(key, o.composed[key]) {
				return
			}
		}
	}
}

func encodeResource(r *fnv1.Resource) (Resource, error) {
	b, err := proto.Marshal(r)
	if err != nil {
		return Resource{}, fmt.Errorf("cannot marshal: %w", err)
	}
	return readResource(b)
}
