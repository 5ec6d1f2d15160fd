// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// An encoder turns a value of one Go type into its JSON form.
type encoder func(*arena, reflect.Value) (*structpb.Value, error)

var encoders sync.Map // reflect.Type -> encoder

// encoderFor returns the encoder of a type. A type that contains itself finds
// the placeholder, which looks the finished encoder up when it is called.
func encoderFor(t reflect.Type) encoder {
	if e, ok := encoders.Load(t); ok {
		return e.(encoder) //nolint:forcetypeassert // Only this function stores.
	}
	var (
		once sync.Once
		real encoder
	)
	later := encoder(func(a *arena, v reflect.Value) (*structpb.Value, error) {
		once.Do(func() { real = newEncoder(t) })
		return real(a, v)
	})
	if e, raced := encoders.LoadOrStore(t, later); raced {
		return e.(encoder) //nolint:forcetypeassert // Only this function stores.
	}
	e := newEncoder(t)
	encoders.Store(t, e)
	return e
}

// wellKnown are the types that are common enough in the Kubernetes API to
// deserve a way around reflection, or around their own JSON.
var wellKnown = map[reflect.Type]encoder{
	reflect.TypeFor[resource.Quantity]():   quantity,
	reflect.TypeFor[intstr.IntOrString]():  intOrString,
	reflect.TypeFor[metav1.Time]():         timestamp,
	reflect.TypeFor[metav1.Duration]():     duration,
	reflect.TypeFor[map[string]string]():   stringMap,
	reflect.TypeFor[corev1.ResourceList](): resourceList,
}

func newEncoder(t reflect.Type) encoder {
	if e, ok := wellKnown[t]; ok {
		return e
	}
	if t == reflect.TypeFor[runtime.Object]() {
		return wrapped
	}
	if marshalsItself(t) {
		return viaJSON
	}
	switch t.Kind() {
	case reflect.Struct:
		// The plan is not looked up before the first call: a type that contains
		// itself could not have it yet.
		plan := sync.OnceValue(func() *plan { return planFor(t) })
		return func(a *arena, v reflect.Value) (*structpb.Value, error) { return plan().object(a, v, "") }
	case reflect.Map:
		return mapEncoder(t)
	case reflect.Slice:
		return sliceEncoder(t)
	case reflect.Array:
		return listEncoder(t)
	case reflect.Pointer:
		return pointerEncoder(t)
	case reflect.Interface:
		return held
	default:
		return scalar
	}
}

// marshalsItself tells whether encoding/json would call a method of the type.
// A pointer or interface is looked through first, since nil ones are null.
func marshalsItself(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Marshaler]()) || p.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

func pointerEncoder(t reflect.Type) encoder {
	element := encoderFor(t.Elem())
	return func(a *arena, v reflect.Value) (*structpb.Value, error) {
		if v.IsNil() {
			return null(), nil
		}
		return element(a, v.Elem())
	}
}

// held encodes what an interface holds.
func held(a *arena, v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return null(), nil
	}
	e := v.Elem()
	return encoderFor(e.Type())(a, e)
}

// wrapped encodes a whole resource within another one, such as the manifest of
// provider-kubernetes' Object: it is applied like any other, so the same noise
// is left out of it.
func wrapped(_ *arena, v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return null(), nil
	}
	s, err := Encode(v.Interface(), schema.GroupVersionKind{})
	if err != nil {
		return nil, err
	}
	return structpb.NewStructValue(s), nil
}

func scalar(a *arena, v reflect.Value) (*structpb.Value, error) {
	switch {
	case v.Kind() == reflect.String:
		return a.string(v.String()), nil
	case v.Kind() == reflect.Bool:
		return a.bool(v.Bool()), nil
	case v.CanInt():
		return integer(a, float64(v.Int()), v.Int() == int64(float64(v.Int())), strconv.FormatInt(v.Int(), 10))
	case v.CanUint():
		return integer(a, float64(v.Uint()), v.Uint() == uint64(float64(v.Uint())), strconv.FormatUint(v.Uint(), 10))
	case v.CanFloat():
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return nil, fmt.Errorf("%v is not a JSON number", v.Float())
		}
		return a.number(v.Float()), nil
	}
	return nil, fmt.Errorf("type %s has no JSON form", v.Type())
}

// maxInteger is the largest magnitude up to which every integer has a float64
// of its own. Protobuf's JSON knows no other number.
const maxInteger = 1 << 53

func integer(a *arena, f float64, exact bool, text string) (*structpb.Value, error) {
	if !exact || math.Abs(f) > maxInteger {
		return nil, fmt.Errorf("integer %s is beyond 2^53 and would be rounded", text)
	}
	return a.number(f), nil
}

func mapEncoder(t reflect.Type) encoder {
	if t.Key().Kind() != reflect.String || reflect.PointerTo(t.Key()).Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return viaJSON
	}
	element := encoderFor(t.Elem())
	return func(a *arena, v reflect.Value) (*structpb.Value, error) {
		if v.IsNil() {
			return null(), nil
		}
		out, members := a.object(v.Len())
		for it := v.MapRange(); it.Next(); {
			e, err := element(a, it.Value())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", it.Key().String(), err)
			}
			members[validText(it.Key().String())] = e
		}
		return out, nil
	}
}

// stringMap is for labels, annotations and selectors, the most common maps.
func stringMap(a *arena, v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return null(), nil
	}
	out, members := a.object(v.Len())
	for key, text := range v.Interface().(map[string]string) { //nolint:forcetypeassert // Registered for this type.
		members[validText(key)] = a.string(text)
	}
	return out, nil
}

// resourceList is for requests, limits and quotas.
func resourceList(a *arena, v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return null(), nil
	}
	out, members := a.object(v.Len())
	for name, q := range v.Interface().(corev1.ResourceList) { //nolint:forcetypeassert // Registered for this type.
		members[validText(string(name))] = a.string(q.String())
	}
	return out, nil
}

func sliceEncoder(t reflect.Type) encoder {
	if t.Elem().Kind() == reflect.Uint8 && !marshalsItself(t.Elem()) {
		return base64Bytes
	}
	list := listEncoder(t)
	return func(a *arena, v reflect.Value) (*structpb.Value, error) {
		if v.IsNil() {
			return null(), nil
		}
		return list(a, v)
	}
}

func base64Bytes(a *arena, v reflect.Value) (*structpb.Value, error) {
	if v.IsNil() {
		return null(), nil
	}
	return a.string(base64.StdEncoding.EncodeToString(v.Bytes())), nil
}

func listEncoder(t reflect.Type) encoder {
	element := encoderFor(t.Elem())
	return func(a *arena, v reflect.Value) (*structpb.Value, error) {
		out, values := a.list(v.Len())
		for i := range values {
			e, err := element(a, v.Index(i))
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			values[i] = e
		}
		return out, nil
	}
}

func quantity(a *arena, v reflect.Value) (*structpb.Value, error) {
	q := v.Interface().(resource.Quantity) //nolint:forcetypeassert // Registered for this type.
	return a.string(q.String()), nil
}

func intOrString(a *arena, v reflect.Value) (*structpb.Value, error) {
	x := v.Interface().(intstr.IntOrString) //nolint:forcetypeassert // Registered for this type.
	switch x.Type {
	case intstr.Int:
		return a.number(float64(x.IntVal)), nil
	case intstr.String:
		return a.string(x.StrVal), nil
	}
	return nil, fmt.Errorf("intstr.IntOrString has the unknown type %d", x.Type)
}

func timestamp(a *arena, v reflect.Value) (*structpb.Value, error) {
	t := v.Interface().(metav1.Time) //nolint:forcetypeassert // Registered for this type.
	if t.IsZero() {
		return null(), nil
	}
	return a.string(t.UTC().Format("2006-01-02T15:04:05Z07:00")), nil
}

func duration(a *arena, v reflect.Value) (*structpb.Value, error) {
	d := v.Interface().(metav1.Duration) //nolint:forcetypeassert // Registered for this type.
	return a.string(d.Duration.String()), nil
}

// viaJSON is the slow way, right for everything: types that write their own
// JSON, and the rarities of encoding/json that are not worth a second
// implementation.
func viaJSON(_ *arena, v reflect.Value) (*structpb.Value, error) {
	if v.CanAddr() {
		v = v.Addr()
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	return parse(text)
}

// viaJSONString serves members tagged json:",string", by encoding them within a
// struct that has the same tag.
func viaJSONString(a *arena, v reflect.Value) (*structpb.Value, error) {
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: v.Type(), Tag: `json:"v,string"`}})).Elem()
	holder.Field(0).Set(v)
	out, err := viaJSON(a, holder)
	return out.GetStructValue().GetFields()["v"], err
}

func parse(text []byte) (*structpb.Value, error) {
	out := &structpb.Value{}
	if err := protojson.Unmarshal(text, out); err != nil {
		return nil, fmt.Errorf("cannot read own JSON form: %w", err)
	}
	return out, nil
}

// validText does what encoding/json does to invalid UTF-8. Protobuf would
// refuse to marshal the whole response.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
