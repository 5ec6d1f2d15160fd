// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestEditsAreReverted: what somebody changes by hand in a stack is as it was a
// moment later, and what they delete is there again.
func TestEditsAreReverted(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI)
	s := newScenario(t)
	got := s.claim("shop", web).awaitReady()

	deployment := mustGet(t, got, "web", &appsv1.Deployment{})
	image := deployment.Spec.Template.Spec.Containers[0].Image
	patch := `{"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "registry.example.com/by-hand:1"}]}}}}`
	if err := shared.Patch(t.Context(), deployment, client.RawPatch(types.StrategicMergePatchType, []byte(patch))); err != nil {
		t.Fatal(err)
	}
	wall := mustGet(t, got, "dns", &networkingv1.NetworkPolicy{})
	ways := wall.Spec.Egress
	patch = `{"spec": {"egress": [{}]}}`
	if err := shared.Patch(t.Context(), wall, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		t.Fatal(err)
	}
	service := mustGet(t, got, "web", &corev1.Service{})
	if err := shared.Delete(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stack is as it was", func(ctx context.Context) error {
		container, err := firstContainer(ctx, got, "web")
		if err != nil {
			return err
		}
		wall, err := get(ctx, got, "dns", &networkingv1.NetworkPolicy{})
		if err != nil {
			return err
		}
		again, err := get(ctx, got, "web", &corev1.Service{})
		if err != nil {
			return err
		}
		return first(
			equal("image", image, container.Image),
			equal("ways out", ways, wall.Spec.Egress),
			equal("the service is another one", true, again.UID != service.UID),
		)
	})
	s.named("shop").awaitReady()
}
