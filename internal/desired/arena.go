// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"sync"

	"google.golang.org/protobuf/types/known/structpb"
)

// A structpb.Value is a message that points at a wrapper that holds the value,
// which for objects and lists is a message again: two or three allocations each
// when made by its constructors. A node holds all of them together.
type (
	stringNode struct {
		value structpb.Value
		kind  structpb.Value_StringValue
	}
	numberNode struct {
		value structpb.Value
		kind  structpb.Value_NumberValue
	}
	boolNode struct {
		value structpb.Value
		kind  structpb.Value_BoolValue
	}
	structNode struct {
		value  structpb.Value
		kind   structpb.Value_StructValue
		object structpb.Struct
	}
	listNode struct {
		value structpb.Value
		kind  structpb.Value_ListValue
		list  structpb.ListValue
	}
)

// An arena hands out nodes. What it has left goes on to the next encoding: its
// own nodes are garbage soon, when their response has been sent.
type arena struct {
	strings slab[stringNode]
	numbers slab[numberNode]
	bools   slab[boolNode]
	structs slab[structNode]
	lists   slab[listNode]
}

var arenas = sync.Pool{New: func() any { return &arena{} }}

// A slab allocates values many at a time. All of them live as long as one does,
// so it is small.
type slab[T any] struct{ free []T }

const slabSize = 64

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.free = make([]T, slabSize)
	}
	out := &s.free[0]
	s.free = s.free[1:]
	return out
}

func (a *arena) string(s string) *structpb.Value {
	n := a.strings.next()
	n.kind.StringValue = validText(s)
	n.value.Kind = &n.kind
	return &n.value
}

func (a *arena) number(f float64) *structpb.Value {
	n := a.numbers.next()
	n.kind.NumberValue = f
	n.value.Kind = &n.kind
	return &n.value
}

func (a *arena) bool(b bool) *structpb.Value {
	n := a.bools.next()
	n.kind.BoolValue = b
	n.value.Kind = &n.kind
	return &n.value
}

// object returns an object with room for so many members.
func (a *arena) object(members int) (*structpb.Value, map[string]*structpb.Value) {
	n := a.structs.next()
	n.object.Fields = make(map[string]*structpb.Value, members)
	n.kind.StructValue = &n.object
	n.value.Kind = &n.kind
	return &n.value, n.object.GetFields()
}

// list returns a list of a length, to be filled.
func (a *arena) list(length int) (*structpb.Value, []*structpb.Value) {
	n := a.lists.next()
	n.list.Values = make([]*structpb.Value, length)
	n.kind.ListValue = &n.list
	n.value.Kind = &n.kind
	return &n.value, n.list.GetValues()
}

func null() *structpb.Value { return structpb.NewNullValue() }
