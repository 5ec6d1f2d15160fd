// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"unicode/utf8"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	responseDesired protowire.Number = 2
	resourceReady   protowire.Number = 3
)

// Marshal encodes a message. A response's desired resources are nearly all of
// it, and generic code spends most of its time on reflecting over their many
// small maps. So they are encoded here, and the rest by protobuf.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	rsp, ok := v.(*fnv1.RunFunctionResponse)
	if !ok || rsp.GetDesired() == nil {
		return c.CodecV2.Marshal(v)
	}
	w := writers.Get().(*writer) //nolint:forcetypeassert // The pool holds nothing else.
	w.at = len(w.buf)
	if err := w.response(rsp); err != nil {
		writers.Put(w)
		return nil, fmt.Errorf("cannot marshal function response: %w", err)
	}
	w.out = w.buf[w.at:]
	return mem.BufferSlice{mem.NewBuffer(&w.out, w)}, nil
}

// A writer writes messages from their end to their beginning: when the length
// of a nested message is due, in front of it, the message is there and has been
// counted. Forward one would have to measure every message first.
type writer struct {
	buf []byte
	at  int // What is written is buf[at:].

	// out is the finished message while gRPC sends it.
	out []byte
}

var writers = sync.Pool{New: func() any { return &writer{buf: make([]byte, 64<<10)} }}

// Get makes a writer the pool of its own message. Nobody asks it for buffers.
func (w *writer) Get(length int) *[]byte { b := make([]byte, length); return &b }

// Put is called once the message has been sent: the writer may be used again.
func (w *writer) Put(*[]byte) { writers.Put(w) }

func (w *writer) response(rsp *fnv1.RunFunctionResponse) error {
	rest := &fnv1.RunFunctionResponse{}
	to := rest.ProtoReflect()
	rsp.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Number() != responseDesired {
			to.Set(f, v)
		}
		return true
	})
	to.SetUnknown(rsp.ProtoReflect().GetUnknown())
	if err := w.message(rest); err != nil {
		return err
	}
	end := w.written()
	if err := w.state(rsp.GetDesired()); err != nil {
		return err
	}
	w.close(responseDesired, end)
	return nil
}

func (w *writer) state(s *fnv1.State) error {
	w.raw(s.ProtoReflect().GetUnknown())
	for key, r := range s.GetResources() {
		entry := w.written()
		if err := w.resource(r); err != nil {
			return fmt.Errorf("resource %q: %w", key, err)
		}
		w.close(entryValue, entry)
		if err := w.text(entryKey, key); err != nil {
			return err
		}
		w.close(stateResources, entry)
	}
	if s.GetComposite() == nil {
		return nil
	}
	end := w.written()
	if err := w.resource(s.GetComposite()); err != nil {
		return fmt.Errorf("composite: %w", err)
	}
	w.close(stateComposite, end)
	return nil
}

func (w *writer) resource(r *fnv1.Resource) error {
	if len(r.GetConnectionDetails()) > 0 || len(r.ProtoReflect().GetUnknown()) > 0 {
		return w.message(r)
	}
	if r.GetReady() != fnv1.Ready_READY_UNSPECIFIED {
		w.varint(uint64(r.GetReady())) //nolint:gosec // An enum is sign-extended on the wire.
		w.tag(resourceReady, protowire.VarintType)
	}
	if r.GetResource() == nil {
		return nil
	}
	end := w.written()
	if err := w.object(r.GetResource()); err != nil {
		return err
	}
	w.close(resourceStruct, end)
	return nil
}

func (w *writer) object(s *structpb.Struct) error {
	for key, v := range s.GetFields() {
		entry := w.written()
		if err := w.value(v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		w.close(entryValue, entry)
		if err := w.text(entryKey, key); err != nil {
			return err
		}
		w.close(structFields, entry)
	}
	return nil
}

func (w *writer) list(l *structpb.ListValue) error {
	values := l.GetValues()
	for i := len(values) - 1; i >= 0; i-- {
		end := w.written()
		if err := w.value(values[i]); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
		w.close(listValues, end)
	}
	return nil
}

func (w *writer) value(v *structpb.Value) error {
	end := w.written()
	switch k := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		return w.text(valueString, k.StringValue)
	case *structpb.Value_NumberValue:
		w.fixed64(math.Float64bits(k.NumberValue))
		w.tag(valueNumber, protowire.Fixed64Type)
	case *structpb.Value_BoolValue:
		w.varint(protowire.EncodeBool(k.BoolValue))
		w.tag(valueBool, protowire.VarintType)
	case *structpb.Value_NullValue:
		w.varint(uint64(k.NullValue)) //nolint:gosec // An enum is sign-extended on the wire.
		w.tag(valueNull, protowire.VarintType)
	case *structpb.Value_StructValue:
		if err := w.object(k.StructValue); err != nil {
			return err
		}
		w.close(valueStruct, end)
	case *structpb.Value_ListValue:
		if err := w.list(k.ListValue); err != nil {
			return err
		}
		w.close(valueList, end)
	}
	return nil
}

// message writes the fields of any message.
func (w *writer) message(m proto.Message) error {
	b, err := proto.Marshal(m)
	w.raw(b)
	return err
}

var errInvalidText = errors.New("a string is not valid UTF-8")

func (w *writer) text(number protowire.Number, s string) error {
	if !utf8.ValidString(s) {
		return errInvalidText
	}
	w.grow(len(s))
	w.at -= len(s)
	copy(w.buf[w.at:], s)
	w.varint(uint64(len(s)))
	w.tag(number, protowire.BytesType)
	return nil
}

// close puts length and tag in front of what was written since end.
func (w *writer) close(number protowire.Number, end int) {
	w.varint(uint64(w.written() - end)) //nolint:gosec // More is written now than then.
	w.tag(number, protowire.BytesType)
}

func (w *writer) tag(number protowire.Number, kind protowire.Type) {
	w.varint(protowire.EncodeTag(number, kind))
}

func (w *writer) varint(v uint64) {
	if v < 0x80 { // All our tags, and most lengths.
		w.grow(1)
		w.at--
		w.buf[w.at] = byte(v)
		return
	}
	n := protowire.SizeVarint(v)
	w.grow(n)
	w.at -= n
	binary.PutUvarint(w.buf[w.at:], v)
}

func (w *writer) fixed64(v uint64) {
	w.grow(8)
	w.at -= 8
	binary.LittleEndian.PutUint64(w.buf[w.at:], v)
}

func (w *writer) raw(b []byte) {
	w.grow(len(b))
	w.at -= len(b)
	copy(w.buf[w.at:], b)
}

func (w *writer) written() int { return len(w.buf) - w.at }

// grow makes room for n bytes in front of what is written.
func (w *writer) grow(n int) {
	if w.at >= n {
		return
	}
	larger := make([]byte, 2*len(w.buf)+n)
	at := len(larger) - w.written()
	copy(larger[at:], w.buf[w.at:])
	w.buf, w.at = larger, at
}
