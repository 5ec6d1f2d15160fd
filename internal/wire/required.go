// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// resourcesItems is the only field of Resources.
const resourcesItems protowire.Number = 1

// RequiredResources are the resources a function asked for in an earlier pass.
type RequiredResources struct {
	sets map[string][]Resource
}

// Required gives access to a request's required resources. They are decoded as
// lazily as observed ones. It fails on malformed bytes.
func Required(req *fnv1.RunFunctionRequest) (*RequiredResources, error) {
	r := &RequiredResources{sets: map[string][]Resource{}}
	if err := eachField(req.ProtoReflect().GetUnknown(), r.read); err != nil {
		return nil, fmt.Errorf("cannot read required resources: %w", err)
	}
	if err := r.readDecoded(req.GetRequiredResources()); err != nil {
		return nil, fmt.Errorf("cannot read required resources: %w", err)
	}
	return r, nil
}

func (r *RequiredResources) read(f field) error {
	if !f.is(requestRequired, protowire.BytesType) {
		return nil
	}
	name, value, err := entry(f.bytes)
	if err != nil {
		return err
	}
	items := []Resource{}
	err = eachField(value, func(f field) error {
		if !f.is(resourcesItems, protowire.BytesType) {
			return nil
		}
		item, err := readResource(f.bytes)
		items = append(items, item)
		return err
	})
	r.sets[string(name)] = items
	return err
}

func (r *RequiredResources) readDecoded(sets map[string]*fnv1.Resources) error {
	for name, set := range sets {
		items := make([]Resource, 0, len(set.GetItems()))
		for _, res := range set.GetItems() {
			item, err := encodeResource(res)
			if err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
			items = append(items, item)
		}
		r.sets[name] = items
	}
	return nil
}

// Get returns the resources required under a name. Answered is false while
// Crossplane has not looked yet; true and no resources means there are none.
func (r *RequiredResources) Get(name string) (items []Resource, answered bool) {
	items, answered = r.sets[name]
	return items, answered
}

// One returns the only resource required under a name, as matchName does. If
// there is none, the Resource does not Exist and reads as empty.
func (r *RequiredResources) One(name string) (item Resource, answered bool) {
	items, answered := r.sets[name]
	if len(items) == 0 {
		return Resource{}, answered
	}
	return items[0], true
}
