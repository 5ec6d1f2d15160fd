// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// composite reads the XPreviewStack of a claim.
func (s stack) xr(ctx context.Context) (*unstructured.Unstructured, error) {
	xr := &unstructured.Unstructured{}
	xr.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("XPreviewStack"))
	return xr, shared.Get(ctx, client.ObjectKey{Name: s.composite}, xr)
}

// leaseKind is the one kind that is composed for every stack, whether anything
// of it is wanted or not.
const leaseKind = "StackLease"

// composed reads what Crossplane composed for a claim, by kind and name, but for
// its lease.
func (s stack) composed(ctx context.Context) (map[string]*unstructured.Unstructured, error) {
	xr, err := s.xr(ctx)
	if err != nil {
		return nil, err
	}
	refs, _, err := unstructured.NestedSlice(xr.Object, "spec", "resourceRefs")
	if err != nil {
		return nil, err
	}
	objects := map[string]*unstructured.Unstructured{}
	for _, ref := range refs {
		fields := ref.(map[string]any)
		object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": fields["apiVersion"], "kind": fields["kind"]}}
		key := client.ObjectKey{Name: text(fields["name"]), Namespace: text(fields["namespace"])}
		if object.GetKind() == leaseKind {
			continue
		}
		if err := shared.Get(ctx, key, object); err != nil {
			return nil, err
		}
		objects[object.GetKind()+"/"+key.Name] = object
	}
	return objects, nil
}

// hasConditionOf checks a condition of an object without a Go type.
func hasConditionOf(object *unstructured.Unstructured, conditionType, status string) error {
	conditions, _, err := unstructured.NestedSlice(object.Object, "status", "conditions")
	if err != nil {
		return err
	}
	for _, c := range conditions {
		fields := c.(map[string]any)
		if fields["type"] != conditionType {
			continue
		}
		if fields["status"] == status {
			return nil
		}
		return fmt.Errorf("condition %s is %v (%v: %v)", conditionType, fields["status"], fields["reason"], fields["message"])
	}
	return fmt.Errorf("there is no condition %s", conditionType)
}

// text is a string, or nothing.
func text(value any) string {
	s, _ := value.(string)
	return s
}

// uids tell the objects of a stack from others of the same names.
func (c *claim) uids() map[string]types.UID {
	c.s.t.Helper()
	s, err := c.get(c.s.t.Context())
	if err != nil {
		c.s.t.Fatal(err)
	}
	objects, err := s.composed(c.s.t.Context())
	if err != nil {
		c.s.t.Fatal(err)
	}
	out := map[string]types.UID{}
	for name, object := range objects {
		out[name] = object.GetUID()
	}
	return out
}

// lostNothing checks that all objects of a stack are still the same ones.
func lostNothing(t *testing.T, c *claim, before map[string]types.UID) {
	t.Helper()
	if diff := cmp.Diff(before, c.uids()); diff != "" {
		t.Errorf("nothing of the stack may be lost: -before, +now:\n%s", diff)
	}
}

// composedNothing checks that nothing was made for a claim.
func composedNothing(t *testing.T, s stack) {
	t.Helper()
	xr, err := s.xr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refs, _, _ := unstructured.NestedSlice(xr.Object, "spec", "resourceRefs")
	for _, ref := range refs {
		if ref.(map[string]any)["kind"] != leaseKind {
			t.Errorf("nothing may be composed, got %v", ref)
		}
	}
}

// get reads an object of a stack's namespace, or one of the cluster.
func get[T client.Object](ctx context.Context, s stack, name string, object T) (T, error) {
	namespaced, err := shared.IsObjectNamespaced(object)
	if err != nil {
		return object, err
	}
	key := client.ObjectKey{Name: name}
	if namespaced {
		key.Namespace = s.Status.Namespace
	}
	return object, shared.Get(ctx, key, object)
}

// mustGet is get for what has to be there.
func mustGet[T client.Object](t *testing.T, s stack, name string, object T) T {
	t.Helper()
	found, err := get(t.Context(), s, name, object)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// absent checks that there is no such object.
func absent(ctx context.Context, s stack, name string, object client.Object) error {
	_, err := get(ctx, s, name, object)
	switch {
	case err == nil:
		return fmt.Errorf("%T %s exists", object, name)
	case apierrors.IsNotFound(err):
		return nil
	}
	return err
}
