// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// worker is a stack that needs no optional kind.
const worker = `
services:
  worker: {image: "registry.example.com/shop/worker:${source.shortRevision}"}
`

const lateClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: %s}
spec: {domain: preview.example.com, auth: {mode: None}}
`

// TestClassMissing: a stack whose class does not exist says so, loses nothing,
// and goes on by itself once the class is there.
func TestClassMissing(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	class := fmt.Sprintf(lateClass, "late")
	refused := func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonClassNotFound),
			mention(message(got, v1alpha1.ConditionAdmitted), "spec.classRef.name", `"late"`, "kubectl get previewclasses"))
	}
	c := s.claim("shop", "classRef: {name: late}"+worker)
	got := c.await("is refused", refused)
	composedNothing(t, got)
	if got.Status.Phase != v1alpha1.PhaseFailed {
		t.Errorf("phase: want Failed, got %s", got.Status.Phase)
	}

	s.apply(class)
	t.Cleanup(func() { s.remove(class) })
	c.awaitReady()
	before := c.uids()

	s.remove(class)
	c.await("misses its class", refused)
	lostNothing(t, c, before)

	s.apply(class)
	c.await("is admitted again", func(got stack) error {
		return first(isReady(got), hasCondition(got, v1alpha1.ConditionAdmitted, "True", v1alpha1.ReasonAdmitted))
	})
	lostNothing(t, c, before)
}

const lateBlueprint = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewBlueprint
metadata: {name: late-v%[1]d, labels: {microstaging.dev/series: late}}
spec:
  series: late
  services:
    worker: {image: "registry.example.com/shop/worker:v%[1]d"}
`

// TestBlueprintMissing: the same of a blueprint. A series is resolved once: a
// live stack does not move to a newer blueprint under its owner.
func TestBlueprintMissing(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	v1, v2 := fmt.Sprintf(lateBlueprint, 1), fmt.Sprintf(lateBlueprint, 2)
	c := s.claim("shop", "blueprintRef: {series: late}")
	got := c.await("is refused", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonBlueprintNotFound),
			mention(message(got, v1alpha1.ConditionAdmitted), "spec.blueprintRef.series", `"late"`, "microstaging.dev/series=late"))
	})
	composedNothing(t, got)

	s.apply(v1)
	t.Cleanup(func() { s.remove(v1) })
	got = c.awaitReady()
	resolved := &v1alpha1.BlueprintStatus{Name: "late-v1", Series: "late"}
	if diff := cmp.Diff(resolved, got.Status.Blueprint); diff != "" {
		t.Errorf("blueprint: -want, +got:\n%s", diff)
	}
	before := c.uids()

	s.apply(v2)
	t.Cleanup(func() { s.remove(v2) })
	c.update("blueprintRef: {series: late}\nservices: {worker: {env: {COLOUR: blue}}}")
	c.await("runs the change on the same blueprint", func(got stack) error {
		env, err := firstContainer(t.Context(), got, "worker")
		if err != nil {
			return err
		}
		return first(isReady(got), equal("image", "registry.example.com/shop/worker:v1", env.Image), equal("env", []corev1.EnvVar{{Name: "COLOUR", Value: "blue"}}, env.Env))
	})

	s.remove(v1)
	c.await("misses its blueprint", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonBlueprintNotFound),
			mention(message(got, v1alpha1.ConditionAdmitted), `"late-v1"`))
	})
	lostNothing(t, c, before)

	s.apply(v1)
	got = c.await("is admitted again", func(got stack) error {
		return first(isReady(got), hasCondition(got, v1alpha1.ConditionAdmitted, "True", ""))
	})
	lostNothing(t, c, before)
	if diff := cmp.Diff(resolved, got.Status.Blueprint); diff != "" {
		t.Errorf("blueprint: -want, +got:\n%s", diff)
	}
}

// TestKindMissing: a stack that needs a kind which the cluster lacks names it,
// starts all else, and goes on by itself once the kind is installed. It runs
// before other tests install the kind.
func TestKindMissing(t *testing.T) {
	s := newScenario(t)
	c := s.claim("shop", web)
	c.await("names the kind", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionWorkloadsReady, "False", v1alpha1.ReasonMissingKind),
			mention(message(got, v1alpha1.ConditionWorkloadsReady), "httproutes.gateway.networking.k8s.io", "which the cluster does not have"),
			equal("state of the service", v1alpha1.PartReady, got.Status.Services["web"].State))
	})
	before := c.uids()
	need(t, gatewayAPI)
	c.awaitReady()
	after := c.uids()
	delete(after, "HTTPRoute/web")
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("only the route is new: -before, +after:\n%s", diff)
	}
}

// TestOverLimits: a claim for more than its class allows is refused before
// anything is applied, as a quota would stop the stack half-way through.
func TestOverLimits(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	class := `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: tiny}
spec: {domain: preview.example.com, auth: {mode: None}, limits: {cpu: "1", memory: 1Gi, pods: 3}}
`
	s.apply(class)
	t.Cleanup(func() { s.remove(class) })
	ask := func(replicas int, cpu string) string {
		return fmt.Sprintf(`
classRef: {name: tiny}
services:
  worker: {image: "registry.example.com/worker:1", replicas: %d, resources: {limits: {cpu: %s, memory: 64Mi}}}
`, replicas, cpu)
	}
	c := s.claim("shop", ask(2, "600m"))
	got := c.await("is refused", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonOverLimits),
			mention(message(got, v1alpha1.ConditionAdmitted), "spec.services", "1200m", `class "tiny" allows 1`, "lower resources.limits.cpu or replicas"))
	})
	composedNothing(t, got)

	c.update(ask(2, "200m"))
	c.awaitReady()
	before := c.uids()

	c.update(ask(5, "200m"))
	c.await("is refused again", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonOverLimits),
			mention(message(got, v1alpha1.ConditionAdmitted), "5 pods"))
	})
	lostNothing(t, c, before)
}

// TestInvalidOnLiveStack: a mistake in a push costs nothing that runs, and the
// claim says which field is wrong and what to write.
func TestInvalidOnLiveStack(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	c := s.claim("shop", worker)
	c.awaitReady()
	before := c.uids()
	c.update(`
services:
  worker:
    image: "registry.example.com/shop/worker:${source.shortRevision}"
    env: {PAY_URL: "${services.pay.url}"}
`)
	got := c.await("says what is wrong", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonInvalid),
			mention(message(got, v1alpha1.ConditionAdmitted), "spec.services.worker.env.PAY_URL", "services.pay.url"))
	})
	if got.Status.Phase != v1alpha1.PhaseReady {
		t.Errorf("what runs is as it was: want phase Ready, got %s", got.Status.Phase)
	}
	lostNothing(t, c, before)
	if err := c.tryUpdate(`services: {worker: {image: "http://registry.example.com/worker"}}`); err == nil {
		t.Error("an image with a protocol is for the API server to reject")
	} else if err := mention(err.Error(), "services", "http://registry.example.com/worker", "without protocol"); err != nil {
		t.Error(err)
	}
	c.update(worker)
	c.await("is admitted again", func(got stack) error {
		return first(isReady(got), hasCondition(got, v1alpha1.ConditionAdmitted, "True", ""))
	})
	lostNothing(t, c, before)
}
