// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

const sleepClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: %s}
spec:
  domain: preview.example.com
  auth: {mode: None}
  gateway: {parentRef: {namespace: gateway-system, name: preview}, scheme: http}
  sleep: %s
`

// sleeper claims a stack under a class of its own, whose sleep is given.
func (s *scenario) sleeper(name, sleep, spec string) *claim {
	s.t.Helper()
	class := fmt.Sprintf(sleepClass, name, sleep)
	s.apply(class)
	s.t.Cleanup(func() { s.remove(class) })
	return s.claim(name, "classRef: {name: "+name+"}\n"+spec)
}

// layers are a page, what it asks, and what that remembers things in.
const layers = `
services:
  web: {image: "registry.example.com/web:1", ports: {http: {port: 8080}}, expose: {}, dependsOn: {api: {condition: Ready}}}
  api: {image: "registry.example.com/api:1", ports: {http: {port: 8080}}, dependsOn: {cache: {condition: Ready}}}
  cache: {image: "registry.example.com/cache:1", ports: {redis: {port: 6379, protocol: TCP}}}
`

func isAsleep(detail string) func(stack) error {
	return func(s stack) error {
		return first(
			equal("phase", v1alpha1.PhaseAsleep, s.Status.Phase), equal("detail", detail, s.Status.Detail),
			hasCondition(s, "Ready", "True", ""), hasCondition(s, v1alpha1.ConditionWorkloadsReady, "True", v1alpha1.ReasonAsleep),
		)
	}
}

const byTraffic = "wakes when somebody opens it"

// TestSleepAndWake: the switch puts a stack to sleep, clients first, and wakes
// it the other way round. Asleep, nothing moves; awake, it has the pods'
// templates that it had.
func TestSleepAndWake(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI, sleepers)
	s := newScenario(t)
	c := s.sleeper("sleeps", "{mode: Traffic, after: 3s}", layers)
	got := c.awaitReady()
	before := c.uids()
	if err := absent(t.Context(), got, "web", &gatewayv1.HTTPRoute{}); err != nil {
		t.Errorf("its requests lead through the interceptor: %v", err)
	}

	down := record(t, got.Status.Namespace, &appsv1.DeploymentList{})
	fakeScaler(t, got, 0)
	got = c.await("is asleep", isAsleep(byTraffic))
	for _, order := range [][2]string{{"web", "api"}, {"api", "cache"}} {
		down.before(t, "stopped Deployment/"+order[0], "stopping Deployment/"+order[1])
	}
	if got.Status.URL == "" || got.Status.Services["api"].State != v1alpha1.PartAsleep {
		t.Errorf("asleep: URL %q, state of api %s", got.Status.URL, got.Status.Services["api"].State)
	}
	lostNothing(t, c, before)
	t.Logf("asleep after %s", breaker(t, c))
	standsStill(t, c)

	up := record(t, got.Status.Namespace, &appsv1.DeploymentList{})
	start := time.Now()
	fakeScaler(t, got, 1)
	got = c.awaitReady()
	t.Logf("Ready %s after the switch moved, with three services that wait for each other, after %s", time.Since(start).Round(time.Millisecond), breaker(t, c))
	for _, order := range [][2]string{{"cache", "api"}, {"api", "web"}} {
		up.before(t, "ready Deployment/"+order[0], "starting Deployment/"+order[1])
	}
	lostNothing(t, c, before)
	for _, name := range []string{"web", "api", "cache"} {
		if d := mustGet(t, got, name, &appsv1.Deployment{}); d.Annotations["deployment.kubernetes.io/revision"] != "1" {
			t.Errorf("waking rolled %s out", name)
		}
	}
}

// still is how long a stack that is asleep is watched; TestIdleStack has more
// patience.
const still = 20 * time.Second

// standsStill checks that no resourceVersion of a stack moves.
func standsStill(t *testing.T, c *claim) {
	t.Helper()
	settled, calls := settle(t, c), callsOf(t, c)
	time.Sleep(still)
	if diff := cmp.Diff(settled, versions(t, c)); diff != "" {
		t.Errorf("a stack that is asleep moved: -before, +now:\n%s", diff)
	}
	// While Crossplane drops its events, it is looked at by time.
	if made := callsOf(t, c) - calls; made > 1 && responsive(t.Context(), c) == nil {
		t.Errorf("the function was called %d times in %s for a stack that is asleep", made, still)
	}
}

// TestSleepByCommand: the later of two commands counts, whatever the switch says.
func TestSleepByCommand(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI, sleepers)
	s := newScenario(t)
	c := s.sleeper("commanded", "{mode: Traffic}", layers)
	c.awaitReady()
	c.annotate(v1alpha1.AnnotationSleep, "soon")
	c.await("says what is wrong", func(got stack) error {
		return first(isReady(got), mention(got.Status.Detail, v1alpha1.AnnotationSleep, `"soon"`, "which is not a time"))
	})
	c.annotate(v1alpha1.AnnotationSleep, now())
	got := c.await("is asleep", isAsleep("wakes on command: annotation microstaging.dev/wake"))
	fakeScaler(t, got, 0)
	time.Sleep(2 * time.Second) // Commands are dated by the second.
	c.annotate(v1alpha1.AnnotationWake, now())
	c.awaitReady()
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

// TestPushWakes: a push to a stack that nobody visits runs its jobs and comes up
// in the new revision; then the switch counts again.
func TestPushWakes(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI, sleepers)
	s := newScenario(t)
	pushed := func(revision string) string {
		return fmt.Sprintf(`
source: {repository: acme/shop, pullRequest: 402, revision: %s}
services:
  web: {image: "registry.example.com/web:${source.shortRevision}", ports: {http: {port: 8080}}, expose: {}}
  cache: {image: "registry.example.com/cache:1", ports: {redis: {port: 6379, protocol: TCP}}}
jobs:
  migrate: {phase: PreDeploy, image: "registry.example.com/migrate:1", dependsOn: {cache: {condition: Ready}}}
`, revision)
	}
	c := s.sleeper("pushed", "{mode: Traffic, after: 3s}", pushed(revisions[0]))
	got := c.awaitReady()
	fakeScaler(t, got, 0)
	c.await("is asleep", isAsleep(byTraffic))

	c.update("classRef: {name: pushed}" + pushed(revisions[1]))
	got = c.await("slept again in the new revision", func(got stack) error {
		return first(equal("revision", revisions[1], got.Status.Revision), isAsleep(byTraffic)(got))
	})
	jobs := &batchv1.JobList{}
	err := shared.List(t.Context(), jobs, client.InNamespace(got.Status.Namespace), client.MatchingLabels{v1alpha1.LabelRevision: revisions[1]})
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs.Items) != 1 || jobs.Items[0].Status.Succeeded != 1 {
		t.Errorf("the migration of the new revision is not through: %v", jobs.Items)
	}
	if image := mustGet(t, got, "web", &appsv1.Deployment{}).Spec.Template.Spec.Containers[0].Image; image != "registry.example.com/web:0123456" {
		t.Errorf("web has image %s", image)
	}
}

// TestSleepBySchedule: a stack that is made at night comes up, and then sleeps.
// It needs no KEDA.
func TestSleepBySchedule(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	c := s.sleeper("nightly", `{mode: Schedule, after: 3s, schedules: [{from: "00:00", to: "24:00"}]}`, worker+`
jobs:
  migrate: {phase: PreDeploy, image: "`+controlplane.ImageHeld+`"}
  digest: {schedule: "*/15 * * * *", image: "registry.example.com/digest:1"}
`)
	got := c.await("waits for its migration", func(got stack) error {
		return mention(got.Status.Services["worker"].Detail, "waits for job migrate")
	})
	release(t, got, "migrate")
	got = c.await("is asleep", isAsleep("wakes on command: annotation microstaging.dev/wake"))
	if got.Status.Sleep == nil || got.Status.Sleep.Reason != v1alpha1.SleepBySchedule {
		t.Errorf("status.sleep: %+v", got.Status.Sleep)
	}
	if digest := mustGet(t, got, "digest", &batchv1.CronJob{}); digest.Spec.Suspend == nil || !*digest.Spec.Suspend {
		t.Error("a schedule starts pods of a stack that is asleep")
	}
	s.apply(fmt.Sprintf(sleepClass, "nightly", "{mode: Never}"))
	c.awaitReady()
	eventually(t, "the schedule goes on", func(ctx context.Context) error {
		digest, err := get(ctx, got, "digest", &batchv1.CronJob{})
		if err != nil {
			return err
		}
		return equal("suspend", false, digest.Spec.Suspend != nil && *digest.Spec.Suspend)
	})
}

// TestKEDAComesAndGoes: a stack whose class asks for more than the cluster has
// runs and says so, and changes its way without being without one. It runs
// before other tests install KEDA.
func TestKEDAComesAndGoes(t *testing.T) {
	need(t, gatewayAPI)
	s := newScenario(t)
	const name = "hopeful"
	c := s.sleeper(name, "{mode: Traffic}", layers)
	got := c.await("runs without KEDA", func(got stack) error {
		if got.Status.Sleep == nil {
			return fmt.Errorf("status.sleep says nothing")
		}
		return first(isReady(got), mention(got.Status.Sleep.Detail, "scaledobjects.keda.sh", "which the cluster does not have"))
	})
	mustGet(t, got, "web", &gatewayv1.HTTPRoute{})

	need(t, sleepers)
	way := foreign("http.keda.sh/v1beta1", "InterceptorRoute")
	eventually(t, "requests lead through the interceptor", func(ctx context.Context) error {
		_, err := get(ctx, got, "web.web.8080", way)
		return first(err, absent(ctx, got, "web", &gatewayv1.HTTPRoute{}))
	})
	c.await("has nothing to say", func(got stack) error {
		return first(isReady(got), equal("sleep", (*v1alpha1.SleepStatus)(nil), got.Status.Sleep))
	})

	s.apply(fmt.Sprintf(sleepClass, name, "{mode: Never}"))
	eventually(t, "requests lead to it directly", func(ctx context.Context) error {
		_, err := get(ctx, got, "web", &gatewayv1.HTTPRoute{})
		return first(err, absent(ctx, got, "web.web.8080", way), absent(ctx, got, "sleep", foreign("keda.sh/v1alpha1", "ScaledObject")))
	})
	c.awaitReady()
}
