// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/controlplane"
)

const (
	// idle is how long nothing may move; IDLE sets another duration.
	idle = 5 * time.Minute

	// perHour is how often an idle stack may be looked at in an hour.
	perHour = 6
)

// TestIdleStack: a stack that nobody touches moves no resourceVersion, neither
// its own nor its objects', and is hardly ever looked at. It needs the whole
// time, during which the other scenarios run.
func TestIdleStack(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI)
	lasting := idleTime(t)
	s := newScenario(t)
	c := s.claim("quiet", web)
	c.awaitReady()
	settled := settle(t, c)
	calls := callsOf(t, c)

	over := time.After(lasting)
	for moved := false; !moved; {
		select {
		case <-over:
			moved = true
		case <-t.Context().Done():
			t.Fatal("the test was stopped")
		case <-time.After(lasting / 50):
		}
		if diff := cmp.Diff(settled, versions(t, c)); diff != "" {
			t.Fatalf("an idle stack moved: -before, +now:\n%s", diff)
		}
	}
	made := callsOf(t, c) - calls
	allowed := max(1, int(lasting.Hours()*perHour))
	t.Logf("no resourceVersion of %d objects moved in %s", len(settled), lasting)
	if made > allowed {
		t.Errorf("the function was called %d times in %s, want at most %d (%d an hour)", made, lasting, allowed, perHour)
		return
	}
	t.Logf("G6 function calls of an idle stack in %s %d (goal <= %d) ok", lasting, made, allowed)
}

func idleTime(t *testing.T) time.Duration {
	t.Helper()
	asked := os.Getenv("IDLE")
	if asked == "" {
		return idle
	}
	d, err := time.ParseDuration(asked)
	if err != nil {
		t.Fatalf("IDLE is %q, which is not a duration: write one such as 60s", asked)
	}
	return d
}

// versions are the resourceVersions of a claim, its composite and its objects.
func versions(t *testing.T, c *claim) map[string]string {
	t.Helper()
	s, err := c.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	xr, err := s.xr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objects, err := s.composed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"PreviewStack": s.ResourceVersion, "XPreviewStack": xr.GetResourceVersion()}
	for name, object := range objects {
		out[name] = object.GetResourceVersion()
	}
	return out
}

// calm is how long nothing has to move for a stack to have settled.
const calm = 5 * time.Second

// settle waits until the echoes of a stack's last change have died away: the
// quota's usage, for one, is counted a moment after the pods.
func settle(t *testing.T, c *claim) map[string]string {
	t.Helper()
	last, since := versions(t, c), time.Now()
	eventually(t, "the stack settles", func(context.Context) error {
		now := versions(t, c)
		if diff := cmp.Diff(last, now); diff != "" {
			last, since = now, time.Now()
		}
		if time.Since(since) < calm {
			return fmt.Errorf("it moved %s ago", time.Since(since))
		}
		return nil
	})
	return last
}

// callsOf counts the function's decisions about a claim, by its debug log.
func callsOf(t *testing.T, c *claim) int {
	t.Helper()
	file, err := os.Open(shared.functions["stack"].LogPath())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mark := fmt.Sprintf(`"namespace": %q, "claim": %q`, c.key.Namespace, c.key.Name)
	calls := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.Contains(lines.Text(), "\tDecided\t") && strings.Contains(lines.Text(), mark) {
			calls++
		}
	}
	return calls
}

// large is a stack of 40 objects.
func large(revision string) string {
	var spec strings.Builder
	fmt.Fprintf(&spec, "source: {repository: acme/shop, pullRequest: 402, revision: %s}\nservices:\n", revision)
	for i := range 11 {
		fmt.Fprintf(&spec, `
  s%d:
    image: "registry.example.com/shop/s%d:${source.shortRevision}"
    ports: {http: {port: 8080}}
    files: {/etc/s.yaml: {content: "number: %d"}}
    resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 50m, memory: 32Mi}}
`, i, i, i)
	}
	return spec.String()
}

// rollOut bounds how long a large stack may take to come up or to change while
// nothing keeps its pods, also should Crossplane drop its events meanwhile.
const rollOut = 45 * time.Second

// TestLargeRollOut: a stack of 40 objects comes up, and rolls out a revision, in
// bounded time. Each status that its Deployments, quota and pods report counts
// against Crossplane's circuit breaker. The goal is that it never opens; that
// is printed and not asserted, because with eleven Deployments the events of
// Kubernetes alone are more than the breaker's default burst allows
// (docs/how-to/operate.md), and what is asserted holds with an open breaker too.
func TestLargeRollOut(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	start := time.Now()
	c := s.claim("large", large(revisions[0]))
	c.awaitReady()
	took := time.Since(start)
	objects := len(c.uids())
	t.Logf("%d objects Ready after %s, %s", objects, took.Round(time.Millisecond), breaker(t, c))
	goalClosed(t, c, "coming up")
	if objects < 40 {
		t.Errorf("want at least 40 objects, got %d", objects)
	}

	start = time.Now()
	c.update(large(revisions[1]))
	c.await("runs the new revision", func(got stack) error {
		return first(isReady(got), equal("revision", revisions[1], got.Status.Revision))
	})
	took = max(took, time.Since(start))
	t.Logf("the next revision after %s, %s", time.Since(start).Round(time.Millisecond), breaker(t, c))
	goalClosed(t, c, "a push right after")
	if took > rollOut {
		t.Errorf("a roll-out took %s, want at most %s", took, rollOut)
	}
}

// goalClosed prints whether a stack kept the circuit breaker closed.
func goalClosed(t *testing.T, c *claim, when string) {
	t.Helper()
	opens, verdict := 0, "ok"
	if responsive(t.Context(), c) != nil {
		opens, verdict = 1, "SHORT"
	}
	t.Logf("G6 circuit breaker opened by 40 objects with 11 Deployments, %s %d (goal 0) %s", when, opens, verdict)
}

// breaker says in words whether a stack's events were dropped, and how busy the
// function was.
func breaker(t *testing.T, c *claim) string {
	t.Helper()
	state := "the circuit breaker is closed"
	if err := responsive(t.Context(), c); err != nil {
		state = "the circuit breaker opened: " + err.Error()
	}
	opens, err := shared.crossplane.Counter(t.Context(), controlplane.CircuitBreakerOpens)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d decisions, %s (%s of all scenarios: %.0f)", callsOf(t, c), state, controlplane.CircuitBreakerOpens, opens)
}

// responsive checks that Crossplane passes a stack's events on: it says so in a
// condition of the composite.
func responsive(ctx context.Context, c *claim) error {
	s, err := c.get(ctx)
	if err != nil {
		return err
	}
	xr, err := s.xr(ctx)
	if err != nil {
		return err
	}
	return hasConditionOf(xr, "Responsive", "True")
}

// TestDroppedEvents: a stack whose events Crossplane drops still comes up. It
// runs alone, as it opens the circuit breaker, which others must not.
func TestDroppedEvents(t *testing.T) {
	s := newScenario(t)
	c := s.claim("shop", worker+`
jobs: {migrate: {phase: PreDeploy, image: "`+controlplane.ImageHeld+`"}}
`)
	got := c.await("waits for its migration", func(got stack) error {
		return mention(got.Status.Services["worker"].Detail, "waits for job migrate")
	})
	openBreaker(t, c, got)
	release(t, got, "migrate")
	c.awaitReady()
	if err := responsive(t.Context(), c); err == nil {
		t.Error("the circuit breaker closed early: this proved nothing")
	}

	// The same once it is Ready: a change is not lost for an hour.
	if err := shared.Delete(t.Context(), mustGet(t, got, "worker", &appsv1.Deployment{})); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the deleted Deployment is there again", func(ctx context.Context) error {
		_, err := get(ctx, got, "worker", &appsv1.Deployment{})
		return err
	})
}

// openBreaker makes more events of a stack than Crossplane passes on.
func openBreaker(t *testing.T, c *claim, s stack) {
	t.Helper()
	quota := mustGet(t, s, "stack", &corev1.ResourceQuota{})
	eventually(t, "the circuit breaker opens", func(ctx context.Context) error {
		for i := range 60 {
			before := quota.DeepCopy()
			metav1.SetMetaDataAnnotation(&quota.ObjectMeta, "example.com/storm", fmt.Sprint(i, time.Now().UnixNano()))
			if err := shared.Patch(ctx, quota, client.MergeFrom(before)); err != nil {
				return err
			}
		}
		if responsive(ctx, c) == nil {
			return fmt.Errorf("it is closed")
		}
		return nil
	})
}
