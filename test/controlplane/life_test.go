// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A life is a claim to which things are done at random, and what it should be
// like now.
type life struct {
	*claim

	t       *testing.T
	random  *rand.Rand
	history []string
	// volume: it has one, which must not outlive it.
	volume bool

	there, expired, pinned, asleep bool

	ttl      string
	revision int
	until    time.Time

	// was is the stack as it was last seen in its glory.
	was stack
}

// newLife begins a life, whose history is told should it fail.
func newLife(t *testing.T, random *rand.Rand) *life {
	t.Helper()
	l := &life{claim: newScenario(t).named("shop"), t: t, random: random, volume: random.IntN(2) == 0}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("its life:\n  %s", strings.Join(l.history, "\n  "))
		}
	})
	return l
}

// lead does so many things to the stack, and ends it.
func (l *life) lead(steps int) {
	l.do(creating)
	for range steps {
		l.do(l.next())
	}
	if l.there {
		l.do(deleting)
	}
}

// next is one of the steps that can be taken now.
func (l *life) next() step {
	var can []step
	for _, s := range allSteps {
		if s.can(l) {
			can = append(can, s)
		}
	}
	return can[l.random.IntN(len(can))]
}

// do takes a step, and waits for its effect.
func (l *life) do(s step) {
	start := time.Now()
	l.history = append(l.history, start.Format(time.TimeOnly)+" "+s.name+", which did not end")
	s.take(l)
	l.history[len(l.history)-1] = fmt.Sprintf("%s %s, took %s", start.Format(time.TimeOnly), s.name, time.Since(start).Round(100*time.Millisecond))
}

// spec is the claim's as it is in its repository.
func (l *life) spec() string {
	text := fmt.Sprintf(`
classRef: {name: lives}
lifecycle: {ttl: %s}
source: {repository: acme/shop, pullRequest: 402, revision: "%s"}
services:
  worker:
    image: "registry.example.com/shop/worker:${source.shortRevision}"
`, l.ttl, l.commit())
	if l.volume {
		text += `    volumes: {/data: {source: data}}
volumes: {data: {size: 1Gi}}
`
	}
	return text
}

// commit is the SHA of the revision. Its first digits, which images are named
// by, differ.
func (l *life) commit() string { return fmt.Sprintf("%07x%033x", l.revision, 0) }

// insist does something until it succeeds: the API server may be away.
func (l *life) insist(what string, act func(context.Context) error) {
	l.t.Helper()
	eventually(l.t, what, act)
}

// push applies the claim as it is in its repository.
func (l *life) push() {
	l.t.Helper()
	l.insist("the claim is applied", func(context.Context) error { return l.tryUpdate(l.spec()) })
}

// command sets annotations, as people command; an empty value removes one.
func (l *life) command(annotations map[string]string) {
	l.t.Helper()
	values := map[string]any{}
	for name, value := range annotations {
		values[name] = value
		if value == "" {
			values[name] = nil
		}
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": values}})
	if err != nil {
		l.t.Fatal(err)
	}
	l.insist("the claim is annotated", func(ctx context.Context) error {
		return shared.Patch(ctx, l.object(), client.RawPatch(types.MergePatchType, patch))
	})
}

// object is the claim's name and kind.
func (c *claim) object() client.Object {
	object := foreign(v1alpha1.GroupVersion.String(), "PreviewStack")
	object.SetNamespace(c.key.Namespace)
	object.SetName(c.key.Name)
	return object
}

// remove deletes the claim, which may have gone by an answer that was lost.
func (l *life) remove() {
	l.t.Helper()
	l.insist("the claim is deleted", func(ctx context.Context) error {
		return client.IgnoreNotFound(shared.Delete(ctx, l.object()))
	})
}

// awaitAlive waits until the stack is what it should be, and what else is asked.
func (l *life) awaitAlive(what string, also func(stack) error) {
	l.t.Helper()
	l.was = l.await(what, func(got stack) error {
		if err := l.isAlive(got); err != nil {
			return err
		}
		return also(got)
	})
}

// isAlive checks a stack that is not over: awake or asleep, in its revision, and
// with the deadline that it should have.
func (l *life) isAlive(got stack) error {
	state := first(isReady(got), equal("revision", l.commit(), got.Status.Revision))
	if l.asleep {
		// The revision that is shown is one that ran.
		state = equal("phase", v1alpha1.PhaseAsleep, got.Status.Phase)
	}
	return first(state, hasCondition(got, v1alpha1.ConditionExpired, "False", v1alpha1.ReasonActive), l.inTime(got))
}

// inTime checks the deadline.
func (l *life) inTime(got stack) error {
	at, now := deadline(got), time.Now()
	switch {
	case at.IsZero():
		return fmt.Errorf("expires at %q, which is no time", got.Status.ExpiresAt)
	case l.pinned && at.Before(now.Add(150*time.Hour)):
		return fmt.Errorf("expires at %s although it is pinned for 168 hours", at)
	case l.pinned:
		return nil
	case !l.until.IsZero() && !at.Equal(l.until):
		return fmt.Errorf("expires at %s, want %s as it was extended", at, l.until)
	case l.until.IsZero() && at.After(now.Add(time.Hour)):
		return fmt.Errorf("expires at %s, want at most the TTL of %s from now", at, l.ttl)
	}
	return nil
}

// composedNow tells the objects of the stack from later ones, but for its lease, which
// outlasts them.
func (l *life) composedNow(ctx context.Context, got stack) (map[string]types.UID, error) {
	objects, err := got.composed(ctx)
	if err != nil {
		return nil, err
	}
	uids := map[string]types.UID{}
	for name, object := range objects {
		if object.GetKind() != "StackLease" {
			uids[name] = object.GetUID()
		}
	}
	return uids, nil
}

// composedOnce is composedNow, once it can be had.
func (l *life) composedOnce() (uids map[string]types.UID) {
	l.t.Helper()
	l.insist("what is composed is listed", func(ctx context.Context) (err error) {
		uids, err = l.composedNow(ctx, l.was)
		return err
	})
	return uids
}

// isFresh checks that nothing of the stack is what it was, and that it is there.
func (l *life) isFresh(before map[string]types.UID) func(stack) error {
	return func(got stack) error {
		now, err := l.composedNow(l.t.Context(), got)
		if err != nil {
			return err
		}
		if namespace := "Namespace/" + got.Status.Namespace; now[namespace] == "" {
			return fmt.Errorf("%s is not composed", namespace)
		}
		for name, uid := range now {
			if before[name] == uid {
				return fmt.Errorf("%s is still the old one", name)
			}
		}
		return nil
	}
}

// isGone checks that the claim is.
func (l *life) isGone(ctx context.Context) error {
	_, err := l.get(ctx)
	return gone("the claim", err)
}
