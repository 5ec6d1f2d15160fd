// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"fmt"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// full is a response in which every field is set.
func full(t *testing.T) *fnv1.RunFunctionResponse {
	t.Helper()
	target := fnv1.Target_TARGET_COMPOSITE_AND_CLAIM
	rsp := &fnv1.RunFunctionResponse{
		Meta: &fnv1.ResponseMeta{Tag: "t", Ttl: durationpb.New(30e9)},
		Desired: &fnv1.State{
			Composite: &fnv1.Resource{Ready: fnv1.Ready_READY_FALSE, Resource: object(t, `{"status": {"phase": "Ready"}}`)},
			Resources: map[string]*fnv1.Resource{
				"web":     {Ready: fnv1.Ready_READY_TRUE, Resource: object(t, `{"kind": "Deployment", "a": [1, -2.5, null, true, false, "", [], {}, {"b": ["ü"]}], "": "empty key"}`)},
				"details": {Resource: object(t, `{"a": 1}`), ConnectionDetails: map[string][]byte{"k": {1}}},
				"nothing": {},
				"empty":   {Resource: &structpb.Struct{}},
				"unset":   {Resource: &structpb.Struct{Fields: map[string]*structpb.Value{"v": {}, "s": structpb.NewStructValue(nil)}}},
			},
		},
		Results:      []*fnv1.Result{{Severity: fnv1.Severity_SEVERITY_WARNING, Message: "m", Target: &target}},
		Context:      object(t, `{"c": 1}`),
		Requirements: &fnv1.Requirements{Resources: map[string]*fnv1.ResourceSelector{"r": {Kind: "K"}}},
		Conditions:   []*fnv1.Condition{{Type: "C", Status: fnv1.Status_STATUS_CONDITION_TRUE, Reason: "R", Target: &target}},
		Output:       object(t, `{"o": 1}`),
	}
	for i := range 300 {
		rsp.Desired.Resources[fmt.Sprintf("many-%d", i)] = &fnv1.Resource{Resource: object(t, `{"text": "`+strings.Repeat("x", 300)+`"}`)}
	}
	rsp.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 7))
	return rsp
}

func TestMarshalIsProtobuf(t *testing.T) {
	want := full(t)
	fields := want.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if !want.ProtoReflect().Has(fields.Get(i)) {
			t.Errorf("the response has a new field that this test does not set: %s", fields.Get(i).Name())
		}
	}
	data, err := wire.Codec().Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := &fnv1.RunFunctionResponse{}
	if err := proto.Unmarshal(data.Materialize(), got); err != nil {
		t.Fatal(err)
	}
	plain := &fnv1.RunFunctionResponse{}
	if err := proto.Unmarshal(marshal(t, want), plain); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain, got, protocmp.Transform()); diff != "" {
		t.Errorf("Codec().Marshal(...): -plain codec, +got:\n%s", diff)
	}
	again, err := wire.Codec().Marshal(want)
	if err != nil || again.Len() != data.Len() {
		t.Errorf("Codec().Marshal(...): marshalling must not change the response: %d bytes, then %d, %v", data.Len(), again.Len(), err)
	}
}

// The messages that Marshal encodes by hand must have no fields it would drop.
func TestMarshalKnowsAllFields(t *testing.T) {
	for m, want := range map[proto.Message]int{&fnv1.State{}: 2, &fnv1.Resource{}: 3, &structpb.Struct{}: 1, &structpb.ListValue{}: 1, &structpb.Value{}: 6} {
		var d protoreflect.MessageDescriptor = m.ProtoReflect().Descriptor()
		if got := d.Fields().Len(); got != want {
			t.Errorf("%s has %d fields, want %d: teach Marshal the new one", d.Name(), got, want)
		}
	}
}

func TestMarshalRefusesInvalidText(t *testing.T) {
	rsp := &fnv1.RunFunctionResponse{Desired: &fnv1.State{Resources: map[string]*fnv1.Resource{
		"web": {Resource: &structpb.Struct{Fields: map[string]*structpb.Value{"a": structpb.NewStringValue("\xff")}}},
	}}}
	_, err := wire.Codec().Marshal(rsp)
	if err == nil || !strings.Contains(err.Error(), `"web": a: `) {
		t.Errorf("Codec().Marshal(...): want an error that names the resource and the member, got %v", err)
	}
}
