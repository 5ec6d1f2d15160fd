// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/wire"
)

func object(t *testing.T, text string) *structpb.Struct {
	t.Helper()
	s := &structpb.Struct{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func resource(t *testing.T, text string) wire.Resource {
	t.Helper()
	r, err := wire.FromStruct(object(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClaimOf(t *testing.T) {
	cases := map[string]struct {
		reason    string
		composite wire.Resource
		want      Claim
	}{
		"Version1": {
			reason:    "A version 1 XRD has claimRef and resourceRefs in spec.",
			composite: resource(t, `{"spec": {"claimRef": {"namespace": "team", "name": "shop"}, "compositionRef": {"name": "c"}, "resourceRefs": [{"apiVersion": "v1", "kind": "Namespace", "name": "n"}]}}`),
			want:      Claim{Namespace: "team", Name: "shop"},
		},
		"Version2": {
			reason:    "A version 2 XRD has its machinery in spec.crossplane, and no claim.",
			composite: resource(t, `{"spec": {"crossplane": {"compositionRef": {"name": "c"}, "resourceRefs": [{"apiVersion": "v1", "kind": "Secret", "namespace": "a", "name": "s"}]}}}`),
		},
		"Labels": {
			reason:    "The labels name the claim too.",
			composite: resource(t, `{"metadata": {"labels": {"crossplane.io/claim-name": "shop", "crossplane.io/claim-namespace": "team"}}}`),
			want:      Claim{Namespace: "team", Name: "shop"},
		},
		"Nothing": {
			reason: "No composite reads as empty.",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ClaimOf(tc.composite)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSetConditions(t *testing.T) {
	cases := map[string]struct {
		reason     string
		conditions []metav1.Condition
		want       []*fnv1.Condition
		wantErr    bool
	}{
		"Replaced": {
			reason: "The last of a type wins, in the place of the first.",
			conditions: []metav1.Condition{
				{Type: "Admitted", Status: metav1.ConditionUnknown, Reason: "Waiting"},
				{Type: "DataReady", Status: metav1.ConditionTrue, Reason: "Ready"},
				{Type: "Admitted", Status: metav1.ConditionFalse, Reason: "OverQuota", Message: "too much"},
			},
			want: []*fnv1.Condition{
				{Type: "Admitted", Status: fnv1.Status_STATUS_CONDITION_FALSE, Reason: "OverQuota", Message: ptr.To("too much"), Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum()},
				{Type: "DataReady", Status: fnv1.Status_STATUS_CONDITION_TRUE, Reason: "Ready", Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum()},
			},
		},
		"Reserved": {
			reason:     "Crossplane would pass over it without a word.",
			conditions: []metav1.Condition{{Type: "Ready", Status: metav1.ConditionTrue, Reason: "R"}},
			wantErr:    true,
		},
		"NoReason": {
			reason:     "The API demands a reason.",
			conditions: []metav1.Condition{{Type: "A", Status: metav1.ConditionTrue}},
			wantErr:    true,
		},
		"NoStatus": {
			reason:     "A status that was forgotten must not read as Unknown.",
			conditions: []metav1.Condition{{Type: "A", Reason: "R"}},
			wantErr:    true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp := &fnv1.RunFunctionResponse{}
			if err := SetConditions(rsp, tc.conditions...); (err != nil) != tc.wantErr {
				t.Fatalf("%s\nSetConditions(...): %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, rsp.GetConditions(), protocmp.Transform()); diff != "" {
				t.Errorf("%s\nSetConditions(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRespond(t *testing.T) {
	composite := resource(t, `{"apiVersion": "microstaging.dev/v1alpha1", "kind": "XPreviewStack"}`)
	req := &fnv1.RunFunctionRequest{
		Meta:    &fnv1.RequestMeta{Tag: "tag"},
		Context: object(t, `{"c": 1}`),
		Desired: &fnv1.State{
			Composite: &fnv1.Resource{Resource: object(t, `{"status": {"earlier": true, "phase": "Old"}}`)},
			Resources: map[string]*fnv1.Resource{"earlier": {Resource: object(t, `{"kind": "ConfigMap"}`)}},
		},
	}
	rsp := Respond(req)
	SetTTL(rsp, 30*time.Second)
	if err := SetStatus(rsp, composite, struct {
		Phase string `json:"phase"`
		URL   string `json:"url,omitempty"`
	}{Phase: "Ready"}); err != nil {
		t.Fatal(err)
	}
	SetReady(rsp, composite, desired.NotReady)
	Require(rsp, "class", Selector{APIVersion: "microstaging.dev/v1alpha1", Kind: "PreviewClass", Name: "standard"})
	Require(rsp, "pods", Selector{APIVersion: "v1", Kind: "Pod", Namespace: "shop", Labels: map[string]string{"a": "b"}})
	Fatal(rsp, errors.New("boom"))

	want := &fnv1.RunFunctionResponse{
		Meta:    &fnv1.ResponseMeta{Tag: "tag", Ttl: durationpb.New(30 * time.Second)},
		Context: object(t, `{"c": 1}`),
		Desired: &fnv1.State{
			Composite: &fnv1.Resource{Ready: fnv1.Ready_READY_FALSE, Resource: object(t, `{"status": {"earlier": true, "phase": "Ready"}}`)},
			Resources: map[string]*fnv1.Resource{"earlier": {Resource: object(t, `{"kind": "ConfigMap"}`)}},
		},
		Requirements: &fnv1.Requirements{Resources: map[string]*fnv1.ResourceSelector{
			"class": {ApiVersion: "microstaging.dev/v1alpha1", Kind: "PreviewClass", Match: &fnv1.ResourceSelector_MatchName{MatchName: "standard"}},
			"pods":  {ApiVersion: "v1", Kind: "Pod", Namespace: ptr.To("shop"), Match: &fnv1.ResourceSelector_MatchLabels{MatchLabels: &fnv1.MatchLabels{Labels: map[string]string{"a": "b"}}}},
		}},
		Results: []*fnv1.Result{{Severity: fnv1.Severity_SEVERITY_FATAL, Message: "boom", Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum()}},
	}
	if diff := cmp.Diff(want, rsp, protocmp.Transform()); diff != "" {
		t.Errorf("Respond(...): -want, +got:\n%s", diff)
	}
}

// The first function of a pipeline finds no desired composite.
func TestSetStatusOfFirstFunction(t *testing.T) {
	composite := resource(t, `{"apiVersion": "microstaging.dev/v1alpha1", "kind": "XPreviewStack", "metadata": {"name": "x"}}`)
	rsp := Respond(&fnv1.RunFunctionRequest{})
	if err := SetStatus(rsp, composite, map[string]string{"phase": "Ready"}); err != nil {
		t.Fatal(err)
	}
	want := object(t, `{"apiVersion": "microstaging.dev/v1alpha1", "kind": "XPreviewStack", "status": {"phase": "Ready"}}`)
	if diff := cmp.Diff(want, rsp.GetDesired().GetComposite().GetResource(), protocmp.Transform()); diff != "" {
		t.Errorf("SetStatus(...): -want, +got:\n%s", diff)
	}
	if err := SetStatus(rsp, composite, "Ready"); err == nil {
		t.Error("SetStatus(...): a status that is not an object must be refused")
	}
}
