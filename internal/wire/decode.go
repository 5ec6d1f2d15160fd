// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"
)

// errUnfit is for a value that its Go type does not take. Nobody sees it: the
// JSON decoder is asked again, whose words for it people know.
var errUnfit = errors.New("the value does not fit its type")

// decode reads members of a google.protobuf.Struct into what a pointer points
// to as a JSON decoder would, but straight from the wire: writing JSON and
// parsing it again takes several times as long.
func decode(into any, object []byte, s selection) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return errUnfit
	}
	sh := shapeOf(v.Type().Elem())
	if sh.how != asStruct {
		return errUnfit
	}
	return sh.members.decode(v.Elem(), object, s)
}

// value reads a google.protobuf.Value.
func (sh *shape) value(v reflect.Value, b []byte, s selection) error {
	if s.depth++; s.depth > maxDepth {
		return errTooDeep
	}
	f, err := content(b)
	switch {
	case err != nil:
		return err
	case sh.how == asItself:
		return throughJSON(v, b, s)
	case sh.how == asInterface:
		return within(v, b, f, s)
	case f.isNull():
		return sh.null(v)
	case sh.how == asPointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return sh.elem.value(v.Elem(), b, s)
	}
	return sh.content(v, f, s)
}

// null empties what can be empty and leaves alone what cannot, as JSON does.
func (sh *shape) null(v reflect.Value) error {
	switch sh.how {
	case asPointer, asMap, asSlice, asTime:
		v.SetZero()
	}
	return nil
}

// content reads what a value holds that is not null.
func (sh *shape) content(v reflect.Value, f field, s selection) error {
	switch {
	case sh.how == asString && f.is(valueString, protowire.BytesType):
		return setText(v, f.bytes)
	case sh.how == asTime && f.is(valueString, protowire.BytesType):
		return setTime(v, f.bytes)
	case sh.how == asBool && f.is(valueBool, protowire.VarintType):
		v.SetBool(protowire.DecodeBool(f.bits))
		return nil
	case sh.how == asNumber && f.is(valueNumber, protowire.Fixed64Type):
		return setNumber(v, math.Float64frombits(f.bits))
	case sh.how == asStruct && f.is(valueStruct, protowire.BytesType):
		return sh.members.decode(v, f.bytes, s)
	case sh.how == asMap && f.is(valueStruct, protowire.BytesType):
		return sh.entries(v, f.bytes, s)
	case sh.how == asSlice && f.is(valueList, protowire.BytesType):
		return sh.items(v, f.bytes, s)
	}
	return errUnfit
}

// decode reads the members of an object that the struct has.
func (m members) decode(v reflect.Value, object []byte, s selection) error {
	return eachMember(object, func(key, value []byte) error {
		member, known := m[string(key)]
		if !known {
			return nil
		}
		below, wanted := s.pick(key)
		if !wanted {
			return nil
		}
		return member.value(v.FieldByIndex(member.index), value, below)
	})
}

func (sh *shape) entries(v reflect.Value, object []byte, s selection) error {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	return eachMember(object, func(name, value []byte) error {
		below, wanted := s.pick(name)
		if !wanted {
			return nil
		}
		elem.SetZero()
		if err := setText(key, name); err != nil {
			return err
		}
		if err := sh.elem.value(elem, value, below); err != nil {
			return err
		}
		v.SetMapIndex(key, elem)
		return nil
	})
}

func (sh *shape) items(v reflect.Value, list []byte, s selection) error {
	n := 0
	err := eachElement(list, func([]byte) error { n++; return nil })
	if err != nil {
		return err
	}
	// An empty list is not a nil one.
	if v.IsNil() || v.Cap() < n {
		larger := reflect.MakeSlice(v.Type(), n, n)
		reflect.Copy(larger, v)
		v.Set(larger)
	}
	v.SetLen(n)
	i := 0
	return eachElement(list, func(b []byte) error {
		i++
		return sh.elem.value(v.Index(i-1), b, s)
	})
}

// within reads into what an interface points to, if it does.
func within(v reflect.Value, b []byte, f field, s selection) error {
	if inner := v.Elem(); inner.Kind() == reflect.Pointer && !inner.IsNil() && !f.isNull() {
		return shapeOf(inner.Type().Elem()).value(inner.Elem(), b, s)
	}
	return throughJSON(v, b, s)
}

// throughJSON is for what knows its own JSON, and what no type is known of.
func throughJSON(v reflect.Value, b []byte, s selection) error {
	s.depth-- // The same value is counted again.
	text, err := appendValue(nil, b, s)
	if err != nil {
		return err
	}
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return u.UnmarshalJSON(text)
	}
	return kjson.UnmarshalCaseSensitivePreserveInts(text, v.Addr().Interface())
}

func setText(v reflect.Value, text []byte) error {
	if !utf8.Valid(text) {
		return errUnfit
	}
	v.SetString(string(text))
	return nil
}

func setTime(v reflect.Value, text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return err
	}
	v.Addr().Interface().(*metav1.Time).Time = t.Local() //nolint:forcetypeassert // It is asTime.
	return nil
}

// maxExact is more than any integer of the Kubernetes API, and less than what
// would not fit an int64.
const maxExact = 1 << 53

func setNumber(v reflect.Value, n float64) error {
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		return errUnfit
	case v.Kind() == reflect.Float64:
		v.SetFloat(n)
		return nil
	case n != math.Trunc(n) || math.Abs(n) > maxExact:
		return errUnfit
	case v.CanInt() && !v.OverflowInt(int64(n)):
		v.SetInt(int64(n))
		return nil
	case v.CanUint() && n >= 0 && !v.OverflowUint(uint64(n)):
		v.SetUint(uint64(n))
		return nil
	}
	return errUnfit
}
