// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"reflect"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// atomic types are replaced as a whole: they hold alternatives, of which a
// half-merged value would have two.
var atomic = map[reflect.Type]bool{
	reflect.TypeFor[resource.Quantity]():     true,
	reflect.TypeFor[v1alpha1.Egress]():       true,
	reflect.TypeFor[v1alpha1.File]():         true,
	reflect.TypeFor[v1alpha1.Healthcheck]():  true,
	reflect.TypeFor[v1alpha1.Secret]():       true,
	reflect.TypeFor[v1alpha1.VolumeOrigin](): true,
	reflect.TypeFor[v1alpha1.VolumeMount]():  true,
}

// Merge lays the claim over the blueprint: field by field in structs, key by
// key in maps; lists and alternatives are replaced as a whole. Neither is
// changed, and the result shares no map with them.
func Merge[T any](blueprint, claim T) T {
	return merge(reflect.ValueOf(blueprint), reflect.ValueOf(claim)).Interface().(T) //nolint:forcetypeassert // merge returns the type it is given
}

func merge(under, over reflect.Value) reflect.Value {
	switch {
	case over.IsZero():
		return under
	case atomic[over.Type()]:
		return over
	}
	switch over.Kind() { //nolint:exhaustive // all other kinds are replaced
	case reflect.Struct:
		return mergeStruct(under, over)
	case reflect.Map:
		return mergeMap(under, over)
	case reflect.Pointer:
		if under.IsNil() || !mergeable(over.Type().Elem()) {
			return over
		}
		merged := reflect.New(over.Type().Elem())
		merged.Elem().Set(merge(under.Elem(), over.Elem()))
		return merged
	default:
		return over
	}
}

// mergeable says whether two values have parts to merge. Behind a pointer or a
// key, zero is a value that somebody wrote: replicas: 0 must override 2.
func mergeable(t reflect.Type) bool { return t.Kind() == reflect.Struct && !atomic[t] }

func mergeStruct(under, over reflect.Value) reflect.Value {
	merged := reflect.New(over.Type()).Elem()
	for i := range over.NumField() {
		merged.Field(i).Set(merge(under.Field(i), over.Field(i)))
	}
	return merged
}

func mergeMap(under, over reflect.Value) reflect.Value {
	merged := reflect.MakeMap(over.Type())
	for _, key := range under.MapKeys() {
		merged.SetMapIndex(key, under.MapIndex(key))
	}
	for _, key := range over.MapKeys() {
		value := over.MapIndex(key)
		if below := under.MapIndex(key); below.IsValid() && mergeable(value.Type()) {
			value = merge(below, value)
		}
		merged.SetMapIndex(key, value)
	}
	return merged
}
