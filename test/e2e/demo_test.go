// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"strings"
	"testing"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/demo"
)

// TestDemo tells the demo's whole story and prints its goals. What is not as it
// should be fails it. A goal that was missed is printed as SHORT and does not: a
// test that asserts times tells how busy the machine was.
func TestDemo(t *testing.T) {
	if err := place.Tell(t.Context(), t.Output()); err != nil && !errors.Is(err, demo.ErrShort) {
		t.Fatal(err)
	}
}

// TestFunctionRunsRestricted: what users install runs as restricted as what
// developers claim.
func TestFunctionRunsRestricted(t *testing.T) {
	pod := `{range .items[*].spec}{.securityContext.seccompProfile.type} {.securityContext.runAsNonRoot} ` +
		`{.containers[0].securityContext.capabilities.drop} {.containers[0].securityContext.allowPrivilegeEscalation} ` +
		`{.containers[0].securityContext.readOnlyRootFilesystem}{"\n"}{end}`
	out := kubectl(t, "get", "pods", "--namespace=crossplane-system", "--selector=pkg.crossplane.io/function", "--output=jsonpath="+pod)
	for line := range strings.Lines(out) {
		if want := `RuntimeDefault true ["ALL"] false true`; strings.TrimSpace(line) != want {
			t.Errorf("the function's pod has seccomp profile, non-root, dropped capabilities, escalation, read-only root %q, want %q", line, want)
		}
	}
	if out == "" {
		t.Error("no pod of a function runs")
	}
}

// TestCrossplaneIsNoAdministrator: it has its own roles, and those of the add-on.
func TestCrossplaneIsNoAdministrator(t *testing.T) {
	out, _ := place.Kubectl(t.Context(), nil, "auth", "can-i", "*", "*", "--as=system:serviceaccount:crossplane-system:crossplane")
	if strings.TrimSpace(out) == "yes" {
		t.Error("Crossplane may do everything")
	}
}

func TestMinimal(t *testing.T) {
	example, err := place.Example("minimal")
	if err != nil {
		t.Fatal(err)
	}
	if err := place.Apply(t.Context(), example.Platform...); err != nil {
		t.Fatal(err)
	}
	status := ready(t, start(t, example.Claim))
	answers(t, status.URL, "hello from the preview")
}

// TestDependencies runs the stock example, and has its worker take a job out of
// its queue.
func TestDependencies(t *testing.T) {
	example, err := place.Example("dependencies")
	if err != nil {
		t.Fatal(err)
	}
	if err := place.Apply(t.Context(), example.Platform...); err != nil {
		t.Fatal(err)
	}
	status := ready(t, start(t, example.Claim))
	if out := kubectl(t, "get", "services", "--namespace="+status.Namespace, "--output=name"); out != "service/redis" {
		t.Errorf("services are %q, want only redis: nobody connects to a worker", out)
	}
	kubectl(t, "exec", "--namespace="+status.Namespace, "deployment/redis", "--", "redis-cli", "LPUSH", "jobs", "resize image 7")
	logged := func() string { return kubectl(t, "logs", "--namespace="+status.Namespace, "deployment/worker") }
	awaitText(t, "the worker's log", logged, "resize image 7")
}

// isDetail is true once the detail holds a text and the stack is in a phase.
func isDetail(phase v1alpha1.Phase, text string) func(v1alpha1.PreviewStackStatus) bool {
	return func(s v1alpha1.PreviewStackStatus) bool { return s.Phase == phase && strings.Contains(s.Detail, text) }
}
