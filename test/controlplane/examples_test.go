// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// TestExamples: each story of examples becomes Ready as it is written, but for
// the names that two of them share.
func TestExamples(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason string
		kinds  []*kind
	}{
		"minimal":      {"the least that people write", []*kind{gatewayAPI}},
		"dependencies": {"a stock image, and a worker without ports", nil},
		"miniflux":     {"the demo's application, with a volume, a mock and a migration", []*kind{gatewayAPI}},
		"sleep":        {"a stack that a visitor wakes", []*kind{gatewayAPI, sleepers}},
		"full":         {"every field of the API", []*kind{gatewayAPI, branches, stackSecrets, snapshots, externalSecrets, ciliumPolicies}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			need(t, tc.kinds...)
			s := newScenario(t)
			c := s.example(name)
			got := c.awaitReady()
			objects, err := got.composed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d objects", tc.reason, len(objects))
			if len(objects) >= 50 {
				t.Errorf("an example composes fewer than 50 objects, got %d", len(objects))
			}
		})
	}
}

// example applies the files of an example and returns its claim. Examples are
// made to be tried one at a time: here they run at once, so each gets a class of
// its own name and the scenario's namespace.
func (s *scenario) example(folder string) *claim {
	s.t.Helper()
	objects, err := controlplane.ReadManifests(shared.path("examples/" + folder))
	if err != nil {
		s.t.Fatal(err)
	}
	var made *claim
	class := "example-" + folder
	for _, object := range objects {
		switch object.GetKind() {
		case "PreviewClass":
			object.SetName(class)
			object.SetLabels(nil)
		case "PreviewStack":
			made = s.named(object.GetName())
			if err := unstructured.SetNestedField(object.Object, class, "spec", "classRef", "name"); err != nil {
				s.t.Fatal(err)
			}
		}
		if object.GetNamespace() != "" {
			object.SetNamespace(s.namespace)
		}
	}
	if err := shared.cp.Apply(s.t.Context(), sorted(objects)...); err != nil {
		s.t.Fatal(err)
	}
	return made
}

// sorted puts claims last: what they refer to is there, then.
func sorted(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var claims, others []*unstructured.Unstructured
	for _, object := range objects {
		if object.GetKind() == "PreviewStack" {
			claims = append(claims, object)
			continue
		}
		others = append(others, object)
	}
	return append(others, claims...)
}
