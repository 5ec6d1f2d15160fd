// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// admittedReason is the reason of the condition Admitted.
func admittedReason(rsp *fnv1.RunFunctionResponse) string {
	for _, c := range rsp.GetConditions() {
		if c.GetType() == v1alpha1.ConditionAdmitted {
			return c.GetReason()
		}
	}
	return ""
}

func fatal(rsp *fnv1.RunFunctionResponse) bool {
	for _, r := range rsp.GetResults() {
		if r.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
			return true
		}
	}
	return false
}

// TestRefused takes something away that a stack cannot do without. A new stack
// gets nothing and a reason; a live one keeps all it has.
func TestRefused(t *testing.T) {
	cases := map[string]struct {
		reason string
		spoil  func(*fakeCrossplane)
		want   string
	}{
		"NoClass": {
			reason: "the default class is gone",
			spoil:  func(f *fakeCrossplane) { f.remove("PreviewClass") },
			want:   v1alpha1.ReasonClassNotFound,
		},
		"TwoDefaultClasses": {
			reason: "nobody can say which is meant",
			spoil: func(f *fakeCrossplane) {
				other := f.find("PreviewClass").DeepCopy()
				other.SetName("other")
				f.cluster = append(f.cluster, other)
			},
			want: v1alpha1.ReasonClassAmbiguous,
		},
		"NoBlueprint": {
			reason: "the series has no blueprint",
			spoil:  func(f *fakeCrossplane) { f.remove("PreviewBlueprint") },
			want:   v1alpha1.ReasonBlueprintNotFound,
		},
		"NotAllowed": {
			reason: "the class admits others only",
			spoil: func(f *fakeCrossplane) {
				spec := f.find("PreviewClass").Object["spec"].(map[string]any) //nolint:forcetypeassert // the example has a spec
				spec["allowedClaims"] = map[string]any{"namespaces": []any{"team-pay"}}
			},
			want: v1alpha1.ReasonClassNotAllowed,
		},
	}
	for name, tc := range cases {
		t.Run("New"+name, func(t *testing.T) {
			f := newFakeCrossplane(t, "miniflux")
			tc.spoil(f)
			rsp := f.call()
			if diff := cmp.Diff(tc.want, admittedReason(rsp)); diff != "" {
				t.Errorf("%s: Admitted: -want, +got:\n%s", tc.reason, diff)
			}
			if n := len(rsp.GetDesired().GetResources()); n > 0 || fatal(rsp) {
				t.Errorf("%s: a new stack got %d resources, fatal = %t; want none, and an answer that writes status", tc.reason, n, fatal(rsp))
			}
			if got := rsp.GetDesired().GetComposite().GetReady(); got != fnv1.Ready_READY_FALSE {
				t.Errorf("%s: the composite is %s", tc.reason, got)
			}
		})
		t.Run("Live"+name, func(t *testing.T) {
			f := newFakeCrossplane(t, "miniflux")
			f.settle()
			tc.spoil(f)
			rsp := f.call()
			if diff := cmp.Diff(tc.want, admittedReason(rsp)); diff != "" {
				t.Errorf("%s: Admitted: -want, +got:\n%s", tc.reason, diff)
			}
			if !fatal(rsp) {
				t.Errorf("%s: the answer for a live stack is not fatal, so Crossplane would delete what it leaves out", tc.reason)
			}
			if n := len(rsp.GetConditions()); n != 3 {
				t.Errorf("%s: the answer has %d conditions, want all three, as they stick", tc.reason, n)
			}
		})
	}
}

func TestRecovers(t *testing.T) {
	f := newFakeCrossplane(t, "miniflux")
	classes := f.remove("PreviewClass")
	f.call()
	f.cluster = append(f.cluster, classes...)
	if got := admittedReason(f.settle()); got != v1alpha1.ReasonAdmitted {
		t.Errorf("the class came back, and Admitted has reason %q", got)
	}
}

func TestMissingKind(t *testing.T) {
	f := newFakeCrossplane(t, "minimal")
	f.kinds = false
	rsp := f.settle()
	if _, ok := rsp.GetDesired().GetResources()["route-web"]; ok {
		t.Error("a route was desired in a cluster that does not know routes, which fails the whole apply")
	}
	if _, ok := rsp.GetDesired().GetResources()["deployment-web"]; !ok {
		t.Error("the rest of the stack was held back")
	}
	detail := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"].GetStructValue().GetFields()["detail"].GetStringValue()
	if !strings.Contains(detail, "httproutes.gateway.networking.k8s.io") {
		t.Errorf("detail %q does not name the missing kind", detail)
	}
}

// TestSeriesIsResolvedOnce: a live stack does not change because its platform
// team published a new blueprint.
func TestSeriesIsResolvedOnce(t *testing.T) {
	f := newFakeCrossplane(t, "miniflux")
	f.settle()
	newer := f.find("PreviewBlueprint").DeepCopy()
	newer.SetName("miniflux-v2")
	newer.Object["metadata"].(map[string]any)["creationTimestamp"] = "2030-01-01T00:00:00Z" //nolint:forcetypeassert // an object has metadata
	f.cluster = append(f.cluster, newer)
	status := f.settle().GetDesired().GetComposite().GetResource().AsMap()["status"].(map[string]any) //nolint:forcetypeassert // the function writes a status
	want := map[string]any{"name": "miniflux-v1", "series": "miniflux"}
	if diff := cmp.Diff(want, status["blueprint"]); diff != "" {
		t.Errorf("status.blueprint: -want, +got:\n%s", diff)
	}
}
