// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// TestClean: what is captured is what a person would write; anything else would
// be refused, or belong to the stack it was captured from.
func TestClean(t *testing.T) {
	captured := `
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  namespace: pv-shop
  uid: 0b0a
  resourceVersion: "7"
  ownerReferences: [{apiVersion: microstaging.dev/v1alpha1, kind: XPreviewStack, name: shop, uid: "1"}]
  labels: {microstaging.dev/name: migrate, crossplane.io/composite: shop, job-name: migrate}
  annotations: {crossplane.io/composition-resource-name: job-migrate}
spec:
  backoffLimit: 0
  selector: {matchLabels: {batch.kubernetes.io/controller-uid: 0b0a}}
  template: {metadata: {labels: {microstaging.dev/name: migrate, batch.kubernetes.io/controller-uid: 0b0a}}}
status: {succeeded: 1}
`
	written := `
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: pv-shop, labels: {microstaging.dev/name: migrate}}
spec:
  backoffLimit: 0
  template: {metadata: {labels: {microstaging.dev/name: migrate}}}
`
	got, want := read(t, captured), read(t, written)
	clean(got)
	if diff := cmp.Diff(want.Object, got.Object); diff != "" {
		t.Errorf("clean(...): -want, +got:\n%s", diff)
	}
}

func read(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestGoals(t *testing.T) {
	cases := map[string]struct {
		reason string
		times  Times
		want   []string
		met    bool
	}{
		"Reached": {
			reason: "the lines are what the suite and the README show",
			times: Times{
				Claimed: 23400 * time.Millisecond, Plain: 20900 * time.Millisecond, Retired: 8 * time.Second, Restored: 12 * time.Second,
			},
			want: []string{
				"G1 claim to URL answering 23.4 s (goal <= 60 s) ok", "G2 against kubectl apply + wait 1.12x (goal <= 1.5x) ok",
				"G3 deadline to nothing left 8.0 s (goal <= 30 s) ok", "G4 extension to Ready again 12.0 s (goal <= 60 s) ok",
			},
			met: true,
		},
		"Short": {
			reason: "one goal that is not reached is enough",
			times: Times{
				Claimed: 40 * time.Second, Plain: 20 * time.Second, Retired: 8 * time.Second, Restored: 12 * time.Second,
			},
			want: []string{
				"G1 claim to URL answering 40.0 s (goal <= 60 s) ok", "G2 against kubectl apply + wait 2.00x (goal <= 1.5x) SHORT",
				"G3 deadline to nothing left 8.0 s (goal <= 30 s) ok", "G4 extension to Ready again 12.0 s (goal <= 60 s) ok",
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			goals := Goals(tc.times)
			var got []string
			for _, g := range goals {
				got = append(got, g.String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || met(goals) != tc.met {
				t.Errorf("%s: met = %t, want %t; -want, +got:\n%s", tc.reason, met(goals), tc.met, diff)
			}
		})
	}
}
