// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// TestExpire: a stack whose time is up is removed and its claim is kept; an
// extension brings it back, and so does a push, as a fresh copy.
func TestExpire(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI, branches, stackSecrets)
	s := newScenario(t)
	c := s.claim("shop", "lifecycle: {ttl: 20s}"+everything)
	got := c.awaitReady()
	composed := c.uids()
	if err := expiresWithin(got, 20*time.Second); err != nil {
		t.Error(err)
	}
	namespace := mustGet(t, got, got.Status.Namespace, &corev1.Namespace{})
	if at := namespace.Annotations[v1alpha1.AnnotationExpiresAt]; at != got.Status.ExpiresAt {
		t.Errorf("the namespace expires at %q, the stack at %q", at, got.Status.ExpiresAt)
	}

	c.awaitExpired()
	t.Logf("retired %s after its deadline", time.Since(deadline(got)).Round(time.Millisecond))

	start := time.Now()
	c.annotate(v1alpha1.AnnotationExtendUntil, time.Now().Add(time.Hour).Format(time.RFC3339))
	again := c.awaitReady()
	t.Logf("extended: Ready again after %s", time.Since(start).Round(time.Millisecond))
	if again.Status.Namespace != got.Status.Namespace || again.Status.URL != got.Status.URL {
		t.Errorf("a stack comes back as the same: was %s, %s; is %s, %s",
			got.Status.Namespace, got.Status.URL, again.Status.Namespace, again.Status.URL)
	}
	for name, uid := range c.uids() {
		if composed[name] == uid {
			t.Errorf("%s is the old one: what comes back is a fresh copy", name)
		}
	}
}

// TestLargeRetire: a stack of 40 objects is retired and comes back, each in
// bounded time, at Crossplane's default flags. To remove so many makes events
// enough to open the circuit breaker, and the extension that follows must not go
// unheard.
func TestLargeRetire(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	c := s.claim("large", "lifecycle: {ttl: 40s}\n"+large(revisions[0]))
	got := c.awaitReady()
	c.awaitExpired()
	goal(t, "G7 40 objects retired, from the deadline to nothing left", time.Since(deadline(got)), retireBound)
	t.Log(breaker(t, c))

	start := time.Now()
	c.annotate(v1alpha1.AnnotationExtendUntil, start.Add(time.Hour).UTC().Format(time.RFC3339))
	c.awaitReady()
	goal(t, "G8 40 objects restored, from the extension to Ready", time.Since(start), retireBound)
	t.Log(breaker(t, c))
}

// retireBound is how long 40 objects may take to go, and to come back.
const retireBound = 60 * time.Second

// goal prints whether something took no longer than it may.
func goal(t *testing.T, what string, took, bound time.Duration) {
	t.Helper()
	verdict := "ok"
	if took > bound {
		verdict = "SHORT"
	}
	t.Logf("%s %s (goal <= %s) %s", what, took.Round(100*time.Millisecond), bound, verdict)
}

// awaitExpired waits until the claim is a tombstone and nothing else is left.
func (c *claim) awaitExpired() stack {
	c.s.t.Helper()
	return c.await("is Expired, and nothing is left", func(got stack) error {
		if err := isExpired(got); err != nil {
			return err
		}
		objects, err := got.composed(c.s.t.Context())
		if err != nil {
			return err
		}
		for name := range objects {
			return fmt.Errorf("%s is still composed", name)
		}
		return absent(c.s.t.Context(), got, got.Status.Namespace, &corev1.Namespace{})
	})
}

func isExpired(s stack) error {
	if s.Status.Phase != v1alpha1.PhaseExpired {
		return fmt.Errorf("phase is %q: %s", s.Status.Phase, s.Status.Detail)
	}
	return first(hasCondition(s, v1alpha1.ConditionExpired, "True", v1alpha1.ReasonRetired), hasCondition(s, "Ready", "False", ""))
}

// deadline of a stack; zero if it has none.
func deadline(s stack) time.Time {
	at, _ := time.Parse(time.RFC3339, s.Status.ExpiresAt)
	return at
}

func expiresWithin(s stack, ttl time.Duration) error {
	if remaining := time.Until(deadline(s)); remaining > ttl || deadline(s).IsZero() {
		return fmt.Errorf("expires at %q, which is in %s: want at most %s", s.Status.ExpiresAt, remaining, ttl)
	}
	return nil
}

// annotate sets an annotation of the claim, as people command it; an empty value
// removes it.
func (c *claim) annotate(name, value string) {
	c.s.t.Helper()
	var v any
	if value != "" {
		v = value
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{name: v}}})
	if err != nil {
		c.s.t.Fatal(err)
	}
	object := foreign(v1alpha1.GroupVersion.String(), "PreviewStack")
	object.SetNamespace(c.key.Namespace)
	object.SetName(c.key.Name)
	if err := shared.Patch(context.WithoutCancel(c.s.t.Context()), object, client.RawPatch("application/merge-patch+json", patch)); err != nil {
		c.s.t.Fatal(err)
	}
}
