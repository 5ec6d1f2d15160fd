// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/demo"
	"github.com/microstaging/preview-stacks/hack/localcluster"
)

const (
	// team is the namespace of the suite's claims.
	team = "team-e2e"

	// timeout bounds every wait, on a machine that does other things too.
	timeout = 3 * time.Minute

	// interval between looks that start a process each.
	interval = 500 * time.Millisecond

	// revision of the suite's claims, and the one they push.
	revision = "9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5"

	// image is the small web service of hack/images/web.
	image = "registry.example.com/shop/web:9f1c2ab"
)

// place is the cluster, with this project installed.
var place *demo.Place

func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status, err := run(ctx, m)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

// run removes the cluster also when the suite is interrupted: tests then end
// where they wait.
func run(ctx context.Context, m *testing.M) (int, error) {
	var err error
	if place, err = demo.Local(ctx, localcluster.DefaultName, false); err != nil {
		return 0, err
	}
	status := 1
	if err = place.Prepare(ctx); err == nil {
		// Not deferred: what ends the context after this is no interruption.
		uninterrupted := context.AfterFunc(ctx, func() { _ = place.Leave(context.WithoutCancel(ctx), false); os.Exit(1) })
		status = m.Run()
		uninterrupted()
	}
	if leaveErr := place.Leave(context.WithoutCancel(ctx), status != 0); err == nil {
		err = leaveErr
	}
	return status, err
}

// class is the one of the suite's claims: roomy, so that what they ask for is
// refused by the node and not by the class.
const class = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: e2e}
spec:
  domain: %s
  gateway: {kind: HTTPRoute, scheme: http, port: %d, parentRef: {namespace: %s, name: %s}}
  auth: {mode: None}
  limits: {cpu: "900", memory: 64Gi}
  defaults:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {cpu: "1", memory: 256Mi}
`

// claim makes a claim of the suite's class out of YAML for its spec. It is
// deleted when the test ends, and nothing may be left of it then.
func claim(t *testing.T, name, spec string) *demo.Stack {
	t.Helper()
	g := place.Gateway
	apply(t, fmt.Sprintf(class, g.Domain, g.Port, g.Namespace, g.Name))
	object := decode(t, "apiVersion: microstaging.dev/v1alpha1\nkind: PreviewStack\nmetadata: {name: "+name+", namespace: "+team+"}\nspec: {}\n")
	fields := decode(t, spec)
	fields.Object["classRef"] = map[string]any{"name": "e2e"}
	fields.Object["source"] = map[string]any{"repository": "acme/shop", "revision": revision}
	object.Object["spec"] = fields.Object
	return start(t, object)
}

// start makes a claim, and removes it when the test ends.
func start(t *testing.T, object *unstructured.Unstructured) *demo.Stack {
	t.Helper()
	stack, err := place.Claim(t.Context(), object)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, stack) })
	return stack
}

func remove(t *testing.T, stack *demo.Stack) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	status, err := stack.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Delete(ctx, timeout); err != nil {
		t.Fatal(err)
	}
	if status.Namespace == "" {
		return
	}
	if _, err := place.AwaitNothing(ctx, status.Namespace, timeout); err != nil {
		t.Error(err)
	}
}

// await waits until a claim's status is as wanted, and logs how it got there.
func await(t *testing.T, stack *demo.Stack, wanted func(v1alpha1.PreviewStackStatus) bool) v1alpha1.PreviewStackStatus {
	t.Helper()
	status, err := stack.Await(t.Context(), t.Output(), timeout, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// ready waits until a claim runs its own revision.
func ready(t *testing.T, stack *demo.Stack) v1alpha1.PreviewStackStatus {
	t.Helper()
	return await(t, stack, demo.Ready(stack.Revision()))
}

// answers waits until a page holds a text.
func answers(t *testing.T, url, text string) {
	t.Helper()
	if _, err := place.Browser().Await(t.Context(), url, text, timeout); err != nil {
		t.Fatal(err)
	}
}

// awaitText waits until what look returns holds a text.
func awaitText(t *testing.T, what string, look func() string, text string) {
	t.Helper()
	last := ""
	err := wait.PollUntilContextTimeout(t.Context(), interval, timeout, true, func(context.Context) (bool, error) {
		last = look()
		return strings.Contains(last, text), nil
	})
	if err != nil {
		t.Fatalf("%s is %q and never held %q: %v", what, last, text, err)
	}
}

// kubectl runs kubectl and returns what it printed.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := place.Kubectl(t.Context(), nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func apply(t *testing.T, manifest string) {
	t.Helper()
	if err := place.Apply(t.Context(), decode(t, manifest)); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &object.Object); err != nil {
		t.Fatal(err)
	}
	return object
}
