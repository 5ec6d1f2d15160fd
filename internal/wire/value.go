// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"iter"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of google.protobuf.Struct, ListValue and Value.
const (
	structFields protowire.Number = 1
	listValues   protowire.Number = 1

	valueNull   protowire.Number = 1
	valueNumber protowire.Number = 2
	valueString protowire.Number = 3
	valueBool   protowire.Number = 4
	valueStruct protowire.Number = 5
	valueList   protowire.Number = 6
)

// A Value is one JSON value within a Resource. Its readers return the zero
// value when it is absent or of another type, as protobuf's getters do; so do
// they on malformed bytes, which Decode reports.
type Value struct {
	raw     []byte // A google.protobuf.Value; for a root the Struct itself.
	root    bool
	present bool
}

// Exists tells whether the value is there. A null exists.
func (v Value) Exists() bool { return v.present }

// Get returns the value at a path of members below this one.
func (v Value) Get(path ...string) Value {
	for _, name := range path {
		v = v.member(name)
	}
	return v
}

func (v Value) member(name string) Value {
	for object := v.object(); ; {
		e, rest, more, err := cut(object)
		if err != nil || !more {
			return Value{}
		}
		if key, value, err := entry(e); err == nil && string(key) == name {
			return Value{raw: value, present: true}
		}
		object = rest
	}
}

// content returns what the value's oneof is set to.
func (v Value) content() field {
	f, err := content(v.raw)
	if err != nil {
		return field{}
	}
	return f
}

// content returns the last field of a google.protobuf.Value, which is what its
// oneof is set to.
func content(b []byte) (last field, err error) {
	for i := 0; i < len(b); i = last.end {
		if last, err = at(b, i); err != nil {
			return field{}, err
		}
	}
	return last, nil
}

// isNull tells whether a value's content is null, or not set, which structpb
// takes for null too.
func (f field) isNull() bool { return f.number == 0 || f.is(valueNull, protowire.VarintType) }

// eachMember visits the members of a google.protobuf.Struct.
func eachMember(object []byte, visit func(key, value []byte) error) error {
	return eachElement(object, func(e []byte) error {
		key, value, err := entry(e)
		if err != nil {
			return err
		}
		return visit(key, value)
	})
}

func (v Value) object() []byte {
	if v.root {
		return v.raw
	}
	if f := v.content(); f.is(valueStruct, protowire.BytesType) {
		return f.bytes
	}
	return nil
}

// Text returns a string's text.
func (v Value) Text() string {
	if v.root {
		return ""
	}
	if f := v.content(); f.is(valueString, protowire.BytesType) {
		return string(f.bytes)
	}
	return ""
}

// Float returns a number.
func (v Value) Float() float64 {
	if v.root {
		return 0
	}
	if f := v.content(); f.is(valueNumber, protowire.Fixed64Type) {
		return math.Float64frombits(f.bits)
	}
	return 0
}

// Int returns a number without its fraction.
func (v Value) Int() int64 { return int64(v.Float()) }

// Bool returns a boolean.
func (v Value) Bool() bool {
	if v.root {
		return false
	}
	f := v.content()
	return f.is(valueBool, protowire.VarintType) && protowire.DecodeBool(f.bits)
}

// Time returns the time an RFC 3339 string says.
func (v Value) Time() time.Time {
	t, err := time.Parse(time.RFC3339, v.Text())
	if err != nil {
		return time.Time{}
	}
	return t
}

// Items iterates over the elements of a list.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.root {
			return
		}
		list := v.content()
		if !list.is(valueList, protowire.BytesType) {
			return
		}
		for i := 0; i < len(list.bytes); {
			f, err := at(list.bytes, i)
			if err != nil {
				return
			}
			if f.is(listValues, protowire.BytesType) && !yield(Value{raw: f.bytes, present: true}) {
				return
			}
			i = f.end
		}
	}
}

// Members iterates over the members of an object, in the order of the wire,
// which is random.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		object := v.object()
		for i := 0; i < len(object); {
			f, err := at(object, i)
			if err != nil {
				return
			}
			i = f.end
			if !f.is(structFields, protowire.BytesType) {
				continue
			}
			key, value, err := entry(f.bytes)
			if err != nil || !yield(string(key), Value{raw: value, present: true}) {
				return
			}
		}
	}
}

// StringMap returns the members of an object whose values are strings. It is
// nil if there are none.
func (v Value) StringMap() map[string]string {
	var out map[string]string
	for key, value := range v.Members() {
		if f := value.content(); f.is(valueString, protowire.BytesType) {
			if out == nil {
				out = map[string]string{}
			}
			out[key] = string(f.bytes)
		}
	}
	return out
}
