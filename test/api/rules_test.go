// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// A rule is one thing that the API server must know about a kind. What it
// accepts and rejects are laid over the kind's base object as a merge patch.
type rule struct {
	// reason says why the rule is there, or who would break it.
	reason string

	accept string
	reject string

	// want is everything that the API server says to what it rejects: a line
	// per field.
	want string
}

// bases are the smallest objects that are accepted, by the name of their CRD.
var bases = map[string]string{
	claims: `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewStack
metadata: {name: shop-pr-402, namespace: default}
spec:
  source: {repository: acme/shop, revision: 9f1c2ab}
  services: {web: {image: "r.example.com/shop/web:9f1c2ab"}}`,
	composites: `
apiVersion: microstaging.dev/v1alpha1
kind: XPreviewStack
metadata: {name: shop-pr-402-x7x2z}
spec:
  source: {repository: acme/shop, revision: 9f1c2ab}
  services: {web: {image: "r.example.com/shop/web:9f1c2ab"}}`,
	classes: `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: standard}
spec: {domain: preview.example.com}`,
	blueprints: `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewBlueprint
metadata: {name: shop-v3}
spec:
  services: {web: {image: "r.example.com/shop/web:main"}}`,
	branches: `
apiVersion: database.microstaging.dev/v1alpha1
kind: DatabaseBranch
metadata: {name: shop-pr-402-db}
spec:
  forProvider: {engine: Postgres, goldenRef: {name: shop}}`,
	secrets: `
apiVersion: secret.microstaging.dev/v1alpha1
kind: StackSecret
metadata: {name: shop-pr-402-salt}
spec:
  forProvider: {generate: {length: 32}}`,
}

// unchecked is part of what the API server adds when a schema is violated: it
// then leaves the rules for the next try. It is about no field.
const unchecked = "some validation rules were not checked"

// rules are all tables, by the name of the CRD that they are about.
var rules = map[string]map[string]rule{
	claims:     merge(claimRules, templateRules),
	classes:    classRules,
	blueprints: merge(blueprintRules, templateRules),
	branches:   branchRules,
	secrets:    secretRules,
}

func TestRules(t *testing.T) {
	for crd, table := range rules {
		for name, tc := range table {
			t.Run(crd+"/"+name, func(t *testing.T) {
				if diff := cmp.Diff("", said(t, try(t, crd, tc.accept))); diff != "" {
					t.Errorf("%s\nwhat is right was rejected: -want, +got:\n%s", tc.reason, diff)
				}
				if diff := cmp.Diff(tc.want, said(t, try(t, crd, tc.reject))); diff != "" {
					t.Errorf("%s\nwhat is wrong was answered otherwise: -want, +got:\n%s", tc.reason, diff)
				}
			})
		}
	}
}

// try asks the API server what it says to an object, and leaves nothing there.
func try(t *testing.T, crd, overlay string) error {
	t.Helper()
	return api.Create(t.Context(), object(t, crd, overlay), client.DryRunAll, client.FieldValidation("Strict"))
}

// object is the base object of a kind with an overlay on it.
func object(t *testing.T, crd, overlay string) *unstructured.Unstructured {
	t.Helper()
	base, err := yaml.YAMLToJSON([]byte(bases[crd]))
	if err != nil {
		t.Fatalf("cannot read the base of %s: %v", crd, err)
	}
	patch, err := yaml.YAMLToJSON([]byte(overlay))
	if err != nil {
		t.Fatalf("cannot read %s: %v", overlay, err)
	}
	if string(patch) == "null" {
		patch = []byte("{}")
	}
	patched, err := jsonpatch.MergePatch(base, patch)
	if err != nil {
		t.Fatalf("cannot lay %s over the base of %s: %v", overlay, crd, err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(patched); err != nil {
		t.Fatalf("cannot read %s: %v", patched, err)
	}
	return o
}

// said is what the API server objected to, a line per field; nothing if it
// accepted.
func said(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil || len(status.Status().Details.Causes) == 0 {
		return err.Error()
	}
	var lines []string
	for _, cause := range status.Status().Details.Causes {
		if strings.Contains(cause.Message, unchecked) {
			continue
		}
		lines = append(lines, cause.Field+": "+cause.Message)
	}
	return strings.Join(lines, "\n")
}

func merge(tables ...map[string]rule) map[string]rule {
	merged := map[string]rule{}
	for _, table := range tables {
		maps.Copy(merged, table)
	}
	return merged
}
