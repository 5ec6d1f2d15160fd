// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is one field of a message as it stands on the wire.
type field struct {
	number protowire.Number
	kind   protowire.Type

	// Offsets into the message: the tag, the content of a length-delimited
	// field, and the end.
	start, payload, end int

	bytes []byte // The content of a length-delimited field.
	bits  uint64 // The value of a varint or fixed64 field.
}

func (f field) is(number protowire.Number, kind protowire.Type) bool {
	return f.number == number && f.kind == kind
}

// at reads the field that starts at an offset of a message.
func at(b []byte, start int) (field, error) {
	number, kind, tag := protowire.ConsumeTag(b[start:])
	if tag < 0 {
		return field{}, fmt.Errorf("malformed tag at byte %d: %w", start, protowire.ParseError(tag))
	}
	f := field{number: number, kind: kind, start: start}
	var n int
	switch v := b[start+tag:]; kind {
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(v)
	case protowire.VarintType:
		f.bits, n = protowire.ConsumeVarint(v)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(v)
	default:
		n = protowire.ConsumeFieldValue(number, kind, v)
	}
	if n < 0 {
		return field{}, fmt.Errorf("malformed field %d at byte %d: %w", number, start, protowire.ParseError(n))
	}
	f.end = start + tag + n
	f.payload = f.end - len(f.bytes)
	return f, nil
}

// leading cuts off the field that a message begins with, if it is the one with
// this number and its length takes a byte or two. That is how marshallers write
// the parts of values, which nearly all bytes of an object are, so it is worth
// a way around at. False says nothing about the message.
func leading(b []byte, number protowire.Number) (content, rest []byte, ok bool) {
	if len(b) < 3 || b[0] != byte(protowire.EncodeTag(number, protowire.BytesType)) {
		return nil, nil, false
	}
	from, to := 2, 2+int(b[1])
	if b[1] >= 0x80 {
		if b[2] >= 0x80 {
			return nil, nil, false
		}
		from, to = 3, 3+int(b[1]&0x7f)+int(b[2])<<7
	}
	if to > len(b) {
		return nil, nil, false
	}
	return b[from:to:to], b[to:], true
}

// elements is what a Struct's members and a ListValue's values are numbered.
const elements = structFields

// cut splits a Struct or a ListValue behind its first element. More is false if
// there is none.
func cut(b []byte) (element, rest []byte, more bool, err error) {
	for len(b) > 0 {
		if element, rest, ok := leading(b, elements); ok {
			return element, rest, true, nil
		}
		f, err := at(b, 0)
		if err != nil {
			return nil, nil, false, err
		}
		b = b[f.end:]
		if f.is(elements, protowire.BytesType) {
			return f.bytes, b, true, nil
		}
	}
	return nil, nil, false, nil
}

// eachElement visits the elements of a Struct or a ListValue.
func eachElement(b []byte, visit func([]byte) error) error {
	for {
		element, rest, more, err := cut(b)
		if err != nil || !more {
			return err
		}
		if err := visit(element); err != nil {
			return err
		}
		b = rest
	}
}

// eachField visits the fields of a message in their order.
func eachField(b []byte, visit func(field) error) error {
	for i := 0; i < len(b); {
		f, err := at(b, i)
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		i = f.end
	}
	return nil
}

// Fields of a protobuf map's entries.
const (
	entryKey   protowire.Number = 1
	entryValue protowire.Number = 2
)

// entry splits an entry of a map whose keys are strings and whose values are
// messages or bytes. A part that is absent has its zero value.
func entry(b []byte) (key, value []byte, err error) {
	if key, rest, ok := leading(b, entryKey); ok {
		if value, rest, ok := leading(rest, entryValue); ok && len(rest) == 0 {
			return key, value, nil
		}
	}
	for i := 0; i < len(b); {
		f, err := at(b, i)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case f.is(entryKey, protowire.BytesType):
			key = f.bytes
		case f.is(entryValue, protowire.BytesType):
			value = f.bytes
		}
		i = f.end
	}
	return key, value, nil
}

// A run joins parts of one message. Neighbours, which is how every marshaller
// writes the elements of a repeated field, stay one slice of the message;
// only what lies apart is copied.
type run struct {
	whole    []byte
	from, to int
	spilled  []byte
}

func (r *run) add(from, to int) {
	if r.to == from && r.to > r.from {
		r.to = to
		return
	}
	r.spilled = append(r.spilled, r.whole[r.from:r.to]...)
	r.from, r.to = from, to
}

func (r *run) bytes() []byte {
	last := r.whole[r.from:r.to:r.to]
	if len(r.spilled) == 0 {
		return last
	}
	return append(r.spilled, last...)
}
