// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package wiretest makes requests as Crossplane sends them: with everything an
// API server adds to an object that was applied.
//
// It plays the API server for tests and benchmarks of functions: what a
// function desired becomes what it observes next, with owner reference, managed
// fields that match the object, and the status of a healthy resource of its
// kind. It defaults no fields.
package wiretest

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// observedAt is when everything happened, so that requests are reproducible.
const observedAt = "2026-03-04T05:06:07Z"

// Next returns the request that follows a response: the composite and all that
// was desired are observed, and the desired state is empty again.
func Next(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) *fnv1.RunFunctionRequest {
	out := proto.CloneOf(req)
	out.Desired = nil
	composite := out.GetObserved().GetComposite().GetResource()
	out.GetObserved().Resources = map[string]*fnv1.Resource{}
	refs := &structpb.ListValue{}
	for _, key := range slices.Sorted(maps.Keys(rsp.GetDesired().GetResources())) {
		obj := Applied(rsp.GetDesired().GetResources()[key].GetResource(), composite, key)
		out.GetObserved().Resources[key] = &fnv1.Resource{Resource: obj}
		refs.Values = append(refs.Values, reference(obj))
	}
	if spec := composite.GetFields()["spec"].GetStructValue(); spec != nil {
		spec.Fields["resourceRefs"] = structpb.NewListValue(refs)
	}
	if status := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"]; status != nil {
		composite.Fields["status"] = status
	}
	return out
}

// Applied returns what the API server holds after Crossplane applied an object
// for a composite.
func Applied(desired, composite *structpb.Struct, key string) *structpb.Struct {
	obj := proto.CloneOf(desired)
	meta := member(obj, "metadata")
	if status := healthy(obj); status != nil {
		obj.Fields["status"] = structpb.NewStructValue(status)
	}
	annotations := member(meta, "annotations")
	annotations.Fields["crossplane.io/composition-resource-name"] = structpb.NewStringValue(key)
	labels := member(meta, "labels")
	name := member(composite, "metadata").GetFields()["name"].GetStringValue()
	labels.Fields["crossplane.io/composite"] = structpb.NewStringValue(name)
	meta.Fields["ownerReferences"] = value([]any{map[string]any{
		"apiVersion":         composite.GetFields()["apiVersion"].GetStringValue(),
		"kind":               composite.GetFields()["kind"].GetStringValue(),
		"name":               name,
		"uid":                uid(name),
		"controller":         true,
		"blockOwnerDeletion": true,
	}})
	managed := managedFields(obj)
	meta.Fields["uid"] = structpb.NewStringValue(uid(key))
	meta.Fields["resourceVersion"] = structpb.NewStringValue("123456")
	meta.Fields["generation"] = structpb.NewNumberValue(1)
	meta.Fields["creationTimestamp"] = structpb.NewStringValue(observedAt)
	meta.Fields["managedFields"] = managed
	return obj
}

// managedFields lists who owns what, in as many entries as on a real cluster:
// Crossplane's applied fields, and the controller's status.
func managedFields(obj *structpb.Struct) *structpb.Value {
	applied := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	maps.Copy(applied.Fields, obj.GetFields())
	delete(applied.Fields, "status")
	entries := []any{}
	add := func(manager, operation, subresource string, fields *structpb.Struct) {
		e := map[string]any{
			"apiVersion": obj.GetFields()["apiVersion"].GetStringValue(), "fieldsType": "FieldsV1", "manager": manager,
			"operation": operation, "time": observedAt, "fieldsV1": owned(structpb.NewStructValue(fields)),
		}
		if subresource != "" {
			e["subresource"] = subresource
		}
		entries = append(entries, e)
	}
	add("apiextensions.crossplane.io/composed/0123456789abcdef0123456789abcdef", "Apply", "", applied)
	if status := obj.GetFields()["status"]; status != nil {
		add("kube-controller-manager", "Update", "status", &structpb.Struct{Fields: map[string]*structpb.Value{"status": status}})
	}
	return value(entries)
}

// owned is the FieldsV1 form of a value: objects by member, lists by element.
func owned(v *structpb.Value) map[string]any {
	out := map[string]any{}
	for name, m := range v.GetStructValue().GetFields() {
		if name != "apiVersion" && name != "kind" {
			out["f:"+name] = owned(m)
		}
	}
	for i, e := range v.GetListValue().GetValues() {
		name := e.GetStructValue().GetFields()["name"].GetStringValue()
		if name == "" {
			name = strconv.Itoa(i)
		}
		element := owned(e)
		element["."] = map[string]any{}
		out[fmt.Sprintf(`k:{"name":%q}`, name)] = element
	}
	return out
}

func reference(obj *structpb.Struct) *structpb.Value {
	meta := member(obj, "metadata")
	ref := map[string]any{
		"apiVersion": obj.GetFields()["apiVersion"].GetStringValue(),
		"kind":       obj.GetFields()["kind"].GetStringValue(),
		"name":       meta.GetFields()["name"].GetStringValue(),
	}
	if ns := meta.GetFields()["namespace"].GetStringValue(); ns != "" {
		ref["namespace"] = ns
	}
	return value(ref)
}

// member returns an object's member that is an object, making it if needed.
func member(s *structpb.Struct, name string) *structpb.Struct {
	if m := s.GetFields()[name].GetStructValue(); m != nil {
		if m.Fields == nil {
			m.Fields = map[string]*structpb.Value{}
		}
		return m
	}
	m := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	s.Fields[name] = structpb.NewStructValue(m)
	return m
}

func value(v any) *structpb.Value {
	out, err := structpb.NewValue(v)
	if err != nil {
		panic(err) // Only literals of this package come here.
	}
	return out
}

// uid derives a well-formed UID from a name.
func uid(name string) string {
	h := fnv.New128a()
	h.Write([]byte(name))
	s := h.Sum(nil)
	return fmt.Sprintf("%x-%x-%x-%x-%x", s[:4], s[4:6], s[6:8], s[8:10], s[10:])
}
