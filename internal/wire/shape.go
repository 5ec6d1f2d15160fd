// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A shape is how values of one Go type are read. It is worked out once per
// type, of which a program has a fixed number.
type shape struct {
	how     how
	elem    *shape  // Of a pointer, a map or a slice.
	members members // Of a struct.
}

// members of a struct by their JSON names.
type members map[string]member

type member struct {
	*shape
	index []int
}

type how int

const (
	// asItself is for types that read their own JSON, and for the rarities of
	// encoding/json that are not worth a second implementation.
	asItself how = iota
	asInterface
	asPointer
	asStruct
	asMap
	asSlice
	asString
	asBool
	asNumber
	asTime
)

var shapes sync.Map // reflect.Type -> *shape

func shapeOf(t reflect.Type) *shape {
	if sh, ok := shapes.Load(t); ok {
		return sh.(*shape) //nolint:forcetypeassert // Only this function stores.
	}
	sh := shaping{}.shape(t)
	shapes.Store(t, sh)
	return sh
}

// A shaping knows the shapes that are being worked out: types contain
// themselves.
type shaping map[reflect.Type]*shape

func (k shaping) shape(t reflect.Type) *shape {
	if sh, ok := k[t]; ok {
		return sh
	}
	sh := &shape{how: howOf(t)}
	k[t] = sh
	switch sh.how {
	case asPointer, asMap, asSlice:
		sh.elem = k.shape(t.Elem())
	case asStruct:
		sh.members = members{}
		if !k.collect(sh.members, t, nil) {
			sh.how = asItself
		}
	}
	return sh
}

func howOf(t reflect.Type) how {
	switch {
	case t == reflect.TypeFor[metav1.Time]():
		return asTime
	case readsItself(t):
		return asItself
	}
	switch t.Kind() {
	case reflect.Pointer:
		return asPointer
	case reflect.Interface:
		return asInterface
	case reflect.Struct:
		return asStruct
	case reflect.Map:
		if t.Key().Kind() == reflect.String && !readsItself(t.Key()) {
			return asMap
		}
	case reflect.Slice:
		// Bytes are base64 in JSON.
		if t.Elem().Kind() != reflect.Uint8 {
			return asSlice
		}
	case reflect.String:
		return asString
	case reflect.Bool:
		return asBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float64:
		return asNumber
	}
	return asItself
}

// readsItself tells whether a JSON decoder would call a method of the type.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// collect adds a struct's members, and those of structs embedded in it. It is
// false for a struct that only encoding/json can read as encoding/json does:
// with numbers in quotes, embedded pointers, or two members of the same name.
func (k shaping) collect(into members, t reflect.Type, index []int) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := append(slices.Clone(index), i)
		switch {
		case name == "-" && options == "", !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "":
			if f.Type.Kind() != reflect.Struct || !k.collect(into, f.Type, at) {
				return false
			}
			continue
		case name == "":
			name = f.Name
		}
		if _, taken := into[name]; taken || !f.IsExported() || strings.Contains(options, "string") {
			return false
		}
		into[name] = member{shape: k.shape(f.Type), index: at}
	}
	return true
}
