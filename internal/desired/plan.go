// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"google.golang.org/protobuf/types/known/structpb"
)

// A plan is how to encode one struct type, worked out once per type.
type plan struct {
	members []member
	err     error
}

// A member is one JSON member of a struct, however deeply embedded.
type member struct {
	name   string
	index  []int
	encode encoder
	omit   func(reflect.Value) bool // nil: always written
}

var plans sync.Map // reflect.Type -> *plan

func planFor(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan) //nolint:forcetypeassert // Only this function stores.
	}
	p := newPlan(t)
	plans.Store(t, p)
	return p
}

// object encodes v, leaving out the member named skip ("" for none).
func (p *plan) object(a *arena, v reflect.Value, skip string) (*structpb.Value, error) {
	if p.err != nil {
		return nil, p.err
	}
	// Kubernetes structs have dozens of members of which few are set. These are
	// found first: a map made for all wastes memory, and one that grows time.
	var room [32]present
	set := p.present(room[:0], v, skip)
	out, members := a.object(len(set))
	for _, m := range set {
		val, err := m.encode(a, m.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		members[m.name] = val
	}
	return out, nil
}

// A present is a member that will be written.
type present struct {
	*member
	value reflect.Value
}

func (p *plan) present(set []present, v reflect.Value, skip string) []present {
	for i := range p.members {
		m := &p.members[i]
		if m.name == skip {
			continue
		}
		if f, ok := m.field(v); ok && (m.omit == nil || !m.omit(f)) {
			set = append(set, present{m, f})
		}
	}
	return set
}

// field walks to the member; false when an embedded pointer on the way is nil.
func (m *member) field(v reflect.Value) (reflect.Value, bool) {
	if len(m.index) == 1 {
		return v.Field(m.index[0]), true
	}
	for i, x := range m.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// newPlan collects the members as encoding/json does: embedded structs without
// a name of their own are inlined, and a shallower member hides a deeper one.
func newPlan(t reflect.Type) *plan {
	p := &plan{}
	depth := map[string]int{}
	level := []embedded{{typ: t}}
	for d := 0; len(level) > 0; d++ {
		var next []embedded
		for _, e := range level {
			next = append(next, p.collect(e, d, depth)...)
		}
		level = next
	}
	return p
}

// An embedded is a struct whose members belong to the struct it is embedded in.
type embedded struct {
	typ   reflect.Type
	index []int
}

func (p *plan) collect(e embedded, d int, depth map[string]int) []embedded {
	var deeper []embedded
	for i := range e.typ.NumField() {
		f := e.typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Tag.Get("json") == "-" || (!f.IsExported() && !f.Anonymous) {
			continue
		}
		index := append(append([]int(nil), e.index...), i)
		if inner, ok := inlined(f, name); ok {
			deeper = append(deeper, embedded{typ: inner, index: index})
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		p.add(e.typ, f, name, options, index, d, depth)
	}
	return deeper
}

func (p *plan) add(parent reflect.Type, f reflect.StructField, name, options string, index []int, d int, depth map[string]int) {
	if at, taken := depth[name]; taken {
		if at == d {
			p.err = fmt.Errorf("two members of the same depth are called %q", name)
		}
		return
	}
	depth[name] = d
	m := member{name: name, index: index, encode: encoderFor(f.Type), omit: omitFor(parent, f, options)}
	if hasOption(options, "string") {
		m.encode = viaJSONString
	}
	p.members = append(p.members, m)
}

// inlined returns the struct type whose members take the place of f.
func inlined(f reflect.StructField, name string) (reflect.Type, bool) {
	if !f.Anonymous || name != "" {
		return nil, false
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// omitFor returns the test for leaving a member out, or nil.
func omitFor(parent reflect.Type, f reflect.StructField, options string) func(reflect.Value) bool {
	zero := hasOption(options, "omitzero") || silent(parent, f)
	empty := hasOption(options, "omitempty") && f.Type.Kind() != reflect.Struct
	switch {
	case zero && empty:
		isZero := zeroTest(f.Type)
		return func(v reflect.Value) bool { return isZero(v) || isEmpty(v) }
	case zero:
		return zeroTest(f.Type)
	case empty:
		return isEmpty
	}
	return nil
}

type isZeroer interface{ IsZero() bool }

// zeroTest follows encoding/json's omitzero: a type may say itself what its
// zero is.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	zeroer := reflect.TypeFor[isZeroer]()
	switch {
	case t.Kind() == reflect.Pointer && t.Implements(zeroer):
		return func(v reflect.Value) bool { return v.IsNil() || v.Interface().(isZeroer).IsZero() } //nolint:forcetypeassert // Implements says so.
	case t.Implements(zeroer):
		return func(v reflect.Value) bool { return v.Interface().(isZeroer).IsZero() } //nolint:forcetypeassert // Implements says so.
	case reflect.PointerTo(t).Implements(zeroer):
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(isZeroer).IsZero() //nolint:forcetypeassert // Implements says so.
		}
	}
	return reflect.Value.IsZero
}

// isEmpty is encoding/json's omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// addressable returns v, or a copy of it whose methods with a pointer receiver
// can be called.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}
