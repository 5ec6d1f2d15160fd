// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/demo"
)

// Goals of lifetimes on a real cluster.
const (
	goalRetire  = 30 * time.Second
	goalRestore = 60 * time.Second
	goalWake    = 5 * time.Second
)

// count is how often something is done that is measured; COUNT says otherwise.
func count(t *testing.T, otherwise int) int {
	t.Helper()
	asked := os.Getenv("COUNT")
	if asked == "" {
		return otherwise
	}
	n, err := strconv.Atoi(asked)
	if err != nil || n < 1 {
		t.Fatalf("COUNT is %q: write a number of 1 or more", asked)
	}
	return n
}

// goal prints the median and the 95th percentile of some times, and whether the
// latter reaches its goal. It asserts nothing: how busy the machine is is not
// this project's to say.
func goal(t *testing.T, what string, times []time.Duration, bound time.Duration) {
	t.Helper()
	slices.Sort(times)
	at := func(share float64) time.Duration { return times[min(len(times)-1, int(share*float64(len(times))))] }
	verdict := "ok"
	if at(0.95) > bound {
		verdict = "SHORT"
	}
	t.Logf("%s p95 %.1f s, p50 %.1f s of %d (goal <= %.0f s) %s", what, at(0.95).Seconds(), at(0.5).Seconds(), len(times), bound.Seconds(), verdict)
}

// forty is a stack of more than 40 objects with real pods and a volume.
func forty() string {
	var spec strings.Builder
	spec.WriteString("volumes: {notes: {size: 100Mi}}\nservices:\n")
	for i := range 11 {
		fmt.Fprintf(&spec, `
  s%d:
    image: %q
    args: ["-show=/etc/web/page"]
    ports: {http: {port: 8080}}
    files: {/etc/web/page: {content: "page %d"}}
    healthcheck: {http: {path: /}}
`, i, image, i)
		if i == 0 {
			spec.WriteString("    volumes: {/data: {source: notes}}\n    securityContext: {runAsUser: 10001, fsGroup: 10001}\n    expose: {}\n")
		}
	}
	return spec.String()
}

// TestRetireAndRestore: a stack of 40 real objects is retired when its time is
// up, to nothing but its claim and a clean receipt, and comes back when it is
// extended, at the same URL.
func TestRetireAndRestore(t *testing.T) {
	stack := claim(t, "forty", "lifecycle: {ttl: 1h}\n"+forty())
	status := ready(t, stack)
	answers(t, status.URL, "page 0")
	var retired, restored []time.Duration
	for range count(t, 2) {
		annotate(t, stack, v1alpha1.AnnotationExtendUntil, nil)
		patch(t, stack, map[string]any{"spec": map[string]any{"lifecycle": map[string]any{"ttl": "5s"}}})
		expired := await(t, stack, demo.Retired)
		deadline, err := time.Parse(time.RFC3339, expired.ExpiresAt)
		if err != nil {
			t.Fatal(err)
		}
		retired = append(retired, time.Since(deadline))
		onlyTombstone(t, expired.Namespace)

		start := time.Now()
		annotate(t, stack, v1alpha1.AnnotationExtendUntil, start.Add(time.Hour).UTC().Format(time.RFC3339))
		again := ready(t, stack)
		restored = append(restored, time.Since(start))
		if again.URL != status.URL {
			t.Errorf("the stack came back at %s, it was at %s", again.URL, status.URL)
		}
		answers(t, again.URL, "page 0")
	}
	goal(t, "G5 retire 40 objects, deadline to nothing left", retired, goalRetire)
	goal(t, "G6 restore 40 objects, extension to Ready", restored, goalRestore)
	receipts := kubectl(t, "get", "stackreceipts", "--output=jsonpath={range .items[?(@.spec.claim.name==\"forty\")]}{.spec.event} {.spec.outcome} {.spec.left}{\"\\n\"}{end}")
	for line := range strings.Lines(receipts) {
		if strings.TrimSpace(line) != "Retired Clean 0" {
			t.Errorf("a receipt says %q, want that nothing is left", line)
		}
	}
	if n := strings.Count(receipts, "Retired"); n != len(retired) {
		t.Errorf("%d receipts of %d ends:\n%s", n, len(retired), receipts)
	}
}

// onlyTombstone looks everywhere for what is left of a stack that was retired.
func onlyTombstone(t *testing.T, namespace string) {
	t.Helper()
	found, err := place.Leftovers(t.Context(), namespace)
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range found.Left {
		if !strings.HasPrefix(left, "stackleases ") {
			t.Errorf("left of the retired stack: %s", left)
		}
	}
}

// sleepy is a class whose stacks sleep after ten seconds without traffic.
const sleepy = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: sleepy}
spec:
  domain: %s
  gateway: {kind: HTTPRoute, scheme: http, port: %d, parentRef: {namespace: %s, name: %s}}
  auth: {mode: None}
  sleep: {mode: Traffic, after: 10s}
  defaults:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {cpu: "1", memory: 256Mi}
`

// page is a service that the suite sends requests to.
const page = `
  web:
    image: "` + image + `"
    ports: {http: {port: 8080}}
    healthcheck: {http: {path: /}}
    expose: {}
`

// TestSleepAndWake: a stack without traffic goes to sleep, down to no pod; a
// robot does not wake it; a request does, and is answered by it.
func TestSleepAndWake(t *testing.T) {
	g := place.Gateway
	apply(t, fmt.Sprintf(sleepy, g.Domain, g.Port, g.Namespace, g.Name))
	wake(t, "G7 wake one service, request to first answer", sleeper(t, "alone", page), count(t, 3))
	wake(t, "G8 wake a service after the one it needs", sleeper(t, "two", page+`
    dependsOn: {api: {condition: Ready}}
  api:
    image: "`+image+`"
    ports: {http: {port: 8080}}
    healthcheck: {http: {path: /}}
`), count(t, 2))
}

// sleeper is a stack that sleeps after ten seconds.
func sleeper(t *testing.T, name, services string) *demo.Stack {
	t.Helper()
	stack := claim(t, name, "services:"+services)
	patch(t, stack, map[string]any{"spec": map[string]any{"classRef": map[string]any{"name": "sleepy"}}})
	return stack
}

// wake lets a stack fall asleep and wakes it, over and over.
func wake(t *testing.T, what string, stack *demo.Stack, times int) {
	t.Helper()
	status := ready(t, stack)
	answers(t, status.URL, "hello from the preview")
	var woke []time.Duration
	for range times {
		await(t, stack, func(s v1alpha1.PreviewStackStatus) bool { return s.Phase == v1alpha1.PhaseAsleep })
		awaitText(t, "the pods", func() string {
			return "[" + kubectl(t, "get", "pods", "--namespace", status.Namespace, "--output=name") + "]"
		}, "[]")
		stillAsleepAfterRobot(t, stack, status.URL)
		start := time.Now()
		answers(t, status.URL, "hello from the preview")
		woke = append(woke, time.Since(start))
		ready(t, stack)
	}
	goal(t, what, woke, goalWake)
}

// stillAsleepAfterRobot has a link unfurler look at the stack.
func stillAsleepAfterRobot(t *testing.T, stack *demo.Stack, url string) {
	t.Helper()
	_, _ = place.Browser().GetAs(t.Context(), url, http.Header{"User-Agent": {"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}})
	status, err := stack.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	replicas := kubectl(t, "get", "sleepswitches", "--namespace", status.Namespace, "--output=jsonpath={.items[*].spec.replicas}")
	if replicas != "0" {
		t.Errorf("after a robot's visit the switch is at %q, want 0", replicas)
	}
}

func annotate(t *testing.T, stack *demo.Stack, name string, value any) {
	t.Helper()
	patch(t, stack, map[string]any{"metadata": map[string]any{"annotations": map[string]any{name: value}}})
}

func patch(t *testing.T, stack *demo.Stack, change map[string]any) {
	t.Helper()
	if err := stack.Patch(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}
