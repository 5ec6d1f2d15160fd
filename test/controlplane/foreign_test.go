// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// sandboxes is how the platform team of the example has function-ttl end its
// composites, without the function that composes something.
const sandboxes = `
apiVersion: apiextensions.crossplane.io/v1
kind: Composition
metadata: {name: sandboxes.example.org}
spec:
  compositeTypeRef: {apiVersion: example.org/v1, kind: Sandbox}
  mode: Pipeline
  pipeline:
  - step: ttl
    functionRef: {name: microstaging-function-ttl}
    input:
      apiVersion: ttl.microstaging.dev/v1alpha1
      kind: Input
      lifetime: {ttl: 8h, maxTTL: 48h}
      ttlFieldPath: spec.ttl
      lease: {}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: sandboxes-for-provider
  labels: {rbac.microstaging.dev/aggregate-to-provider: "true"}
rules:
- {apiGroups: [example.org], resources: [sandboxes], verbs: [get, list, delete]}
`

// TestForeignComposite: function-ttl ends and restores a composite of which it
// knows nothing but its input, of a version 2 definition and without a claim.
func TestForeignComposite(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	definition, err := os.ReadFile(shared.path("examples/function-ttl/definition.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.apply(string(definition))
	t.Cleanup(func() { s.remove(string(definition)) })
	eventually(t, "sandboxes are served", func(ctx context.Context) error {
		crd, err := shared.definition(ctx, "sandboxes.example.org")
		if err == nil && !established(crd) {
			err = errors.New("not established")
		}
		return err
	})
	s.apply(sandboxes)
	t.Cleanup(func() { s.remove(sandboxes) })

	sandbox := foreign("example.org/v1", "Sandbox")
	sandbox.SetName("spike-17")
	sandbox.Object["spec"] = map[string]any{"team": "payments", "ttl": "10s"}
	if err := s.applyObject(sandbox); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shared.Delete(context.WithoutCancel(t.Context()), sandbox) })

	is := func(status, reason string) {
		t.Helper()
		eventually(t, "the sandbox is "+reason, func(ctx context.Context) error {
			if err := shared.Get(ctx, client.ObjectKeyFromObject(sandbox), sandbox); err != nil {
				return err
			}
			return expiredIs(sandbox, status, reason)
		})
	}
	is("False", v1alpha1.ReasonActive)
	is("True", v1alpha1.ReasonRetired)
	extend := fmt.Sprintf(`{"metadata": {"annotations": {%q: %q}}}`, v1alpha1.AnnotationExtendUntil, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	if err := shared.Patch(t.Context(), sandbox, client.RawPatch(types.MergePatchType, []byte(extend))); err != nil {
		t.Fatal(err)
	}
	is("False", v1alpha1.ReasonActive)

	if err := shared.Delete(t.Context(), sandbox); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the sandbox is gone with its lease", func(ctx context.Context) error {
		err := shared.Get(ctx, client.ObjectKeyFromObject(sandbox), sandbox)
		return gone("the sandbox", err)
	})
}

// expiredIs checks the condition Expired of any object.
func expiredIs(object *unstructured.Unstructured, status, reason string) error {
	conditions, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
	if err != nil {
		return err
	}
	for _, c := range conditions {
		fields := c.(map[string]any)
		if fields["type"] != v1alpha1.ConditionExpired {
			continue
		}
		if fields["status"] != status || fields["reason"] != reason {
			return fmt.Errorf("it is %v (%v: %v)", fields["status"], fields["reason"], fields["message"])
		}
		return nil
	}
	return errors.New("it says nothing of it yet")
}
