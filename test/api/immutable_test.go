// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestImmutable(t *testing.T) {
	cases := map[string]struct {
		reason string
		crd    string
		accept string
		reject string
		want   string
	}{
		"Blueprint": {
			reason: "A stack is a clone of a known blueprint; labels and annotations are not part of it.",
			crd:    blueprints,
			accept: `metadata: {labels: {microstaging.dev/series: shop}}`,
			reject: `spec: {services: {web: {image: "r.example.com/shop/web:other"}}}`,
			want:   `spec: Invalid value: the spec of a blueprint is immutable, because stacks are clones of it: create a new PreviewBlueprint in the same series, for example shop-v4`,
		},
		"BranchOfGolden": {
			reason: "A branch of another golden is another branch, with other data.",
			crd:    branches,
			accept: `spec: {forProvider: {validUntil: "2030-01-01T00:00:00Z"}}`,
			reject: `spec: {forProvider: {goldenRef: {name: other}}}`,
			want:   `spec.forProvider.goldenRef: Invalid value: goldenRef is immutable: a branch of another golden is a new DatabaseBranch`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := object(t, tc.crd, `metadata: {name: live}`)
			if err := api.Create(t.Context(), live); err != nil {
				t.Fatalf("cannot create the base of %s: %v", tc.crd, err)
			}
			if diff := cmp.Diff("", said(t, change(t, live, tc.crd, tc.accept))); diff != "" {
				t.Errorf("%s\nwhat may change was refused: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.want, said(t, change(t, live, tc.crd, tc.reject))); diff != "" {
				t.Errorf("%s\nwhat is immutable was answered otherwise: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// change asks the API server what it says to a change of a live object.
func change(t *testing.T, live *unstructured.Unstructured, crd, overlay string) error {
	t.Helper()
	changed := object(t, crd, overlay)
	changed.SetName(live.GetName())
	changed.SetResourceVersion(live.GetResourceVersion())
	return api.Update(t.Context(), changed, client.DryRunAll)
}
