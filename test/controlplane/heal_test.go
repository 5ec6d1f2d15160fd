// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// healEvery is how often a claim is applied again, as often as Argo CD's
// self-heal does at most.
const healEvery = 5 * time.Second

// A healer plays Argo CD with self-heal: what differs from Git is reverted, for
// ever. What of the claim Git does not know is not its business.
type healer struct {
	t      *testing.T
	rounds chan struct{}
}

// heal applies a claim from Git now and every so often, until the test is over.
func (c *claim) heal(spec string) *healer {
	c.s.t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{}}
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		c.s.t.Fatal(err)
	}
	fields["source"] = map[string]any{"repository": "acme/shop", "pullRequest": int64(402), "revision": revisions[0]}
	object.Object["spec"] = fields
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
	object.SetNamespace(c.key.Namespace)
	object.SetName(c.key.Name)
	object.SetAnnotations(map[string]string{
		tracking: fmt.Sprintf("%s:%s/PreviewStack:%s/%s", c.key.Name, v1alpha1.GroupVersion.Group, c.key.Namespace, c.key.Name),
	})
	h := &healer{t: c.s.t, rounds: make(chan struct{})}
	go h.run(c.s.t.Context(), object)
	return h
}

func (h *healer) run(ctx context.Context, object *unstructured.Unstructured) {
	ticker := time.NewTicker(healEvery)
	defer ticker.Stop()
	for {
		fromGit := client.ApplyConfigurationFromUnstructured(object.DeepCopy())
		err := shared.Apply(ctx, fromGit, client.FieldOwner("argocd-controller"), client.ForceOwnership)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.t.Error(err)
		}
		select {
		case h.rounds <- struct{}{}:
		default: // Nobody counts.
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// await waits for so many rounds that begin from now on.
func (h *healer) await(rounds int) {
	h.t.Helper()
	for range rounds {
		select {
		case <-h.rounds:
		case <-h.t.Context().Done():
			h.t.Fatal("the test was stopped")
		}
	}
}

// application makes the Application that a claim names by its tracking id.
func (s *scenario) application(name string) *unstructured.Unstructured {
	s.t.Helper()
	s.apply(argoCRD)
	app := foreign("argoproj.io/v1alpha1", "Application")
	app.SetNamespace(s.namespace)
	app.SetName(name)
	eventually(s.t, "Applications are served", func(context.Context) error { return s.applyObject(app.DeepCopy()) })
	return app
}

// TestSelfHeal: a stack that Argo CD applies again and again is over when its
// time is up, and stays over; what people command is neither reverted nor
// overruled.
func TestSelfHeal(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.application("shop")
	c := s.named("shop")
	argo := c.heal("lifecycle: {ttl: 15s}" + worker)
	c.awaitReady()
	c.awaitExpired()

	argo.await(1) // The echoes of the end have died away.
	over := c.await("is Expired", isExpired)
	argo.await(3)
	still := c.await("is Expired all the same", isExpired)
	if still.ResourceVersion != over.ResourceVersion || still.Status.ExpiresAt != over.Status.ExpiresAt {
		t.Errorf("want nothing to move by healing: it expired at %s in version %s, now at %s in version %s",
			over.Status.ExpiresAt, over.ResourceVersion, still.Status.ExpiresAt, still.ResourceVersion)
	}

	until := time.Now().Add(2 * time.Hour).Truncate(time.Second)
	c.annotate(v1alpha1.AnnotationExtendUntil, until.UTC().Format(time.RFC3339))
	c.awaitReady()
	argo.await(2)
	extended := c.await("keeps its extension", isReady)
	if at := deadline(extended); !at.Equal(until) || extended.Annotations[v1alpha1.AnnotationExtendUntil] == "" {
		t.Errorf("want it extended until %s, and the annotation kept: %s, %v", until, at, extended.Annotations)
	}

	c.annotate(v1alpha1.AnnotationPinned, "true")
	argo.await(2)
	c.await("stays pinned", func(got stack) error {
		if deadline(got).Before(time.Now().Add(72 * time.Hour)) {
			return fmt.Errorf("expires at %s", got.Status.ExpiresAt)
		}
		return first(isReady(got), equal("pin", "true", got.Annotations[v1alpha1.AnnotationPinned]))
	})
}

const reapingClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: reaping}
spec:
  domain: preview.example.com
  auth: {mode: None}
  lifecycle: {deleteAfter: 0s}
`

// TestSelfHealReap: a claim that Argo CD would make anew is not deleted, though
// it asks to be, and says why. Once nobody would, it is.
func TestSelfHealReap(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.apply(reapingClass)
	t.Cleanup(func() { s.remove(reapingClass) })
	app := s.application("loop")
	c := s.named("loop")
	c.heal("classRef: {name: reaping}\nlifecycle: {ttl: 10s, onExpire: Delete}" + worker).await(1)
	c.awaitExpired()
	refused := func(ctx context.Context) error {
		lease, err := c.lease(ctx)
		if err != nil {
			return err
		}
		return first(condition(lease, lifecyclev1alpha1.ConditionReaped, "False", lifecyclev1alpha1.ReasonTracked),
			mention(said(lease, lifecyclev1alpha1.ConditionReaped), "Application "+s.namespace+"/loop", "deleteTracked"))
	}
	eventually(t, "the deletion is refused", refused)

	if err := shared.Delete(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	before, err := c.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the claim is deleted", func(ctx context.Context) error {
		now, err := c.get(ctx)
		// The one who heals may have made it anew already.
		if apierrors.IsNotFound(err) || (err == nil && now.UID != before.UID) {
			return nil
		}
		return gone("the claim", err)
	})
}

// lease is the one that keeps a claim's time.
func (c *claim) lease(ctx context.Context) (*lifecyclev1alpha1.StackLease, error) {
	leases := &lifecyclev1alpha1.StackLeaseList{}
	if err := shared.List(ctx, leases); err != nil {
		return nil, err
	}
	for i := range leases.Items {
		if ref := leases.Items[i].Spec.Claim; ref != nil && ref.Namespace == c.key.Namespace && ref.Name == c.key.Name {
			return &leases.Items[i], nil
		}
	}
	return nil, fmt.Errorf("none of %d leases is of claim %s", len(leases.Items), c.key.Name)
}
