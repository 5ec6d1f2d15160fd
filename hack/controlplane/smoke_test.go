//go:build controlplane

// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/process"
)

// TestSmoke starts everything, uses it, and stops it.
func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	start := time.Now()
	cp, err := Start(t.Context(), Options{Dir: dir, Nodes: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cp.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Logf("the control plane was ready after %s", time.Since(start))
	runsPods(t, cp)
	if err := cp.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	leavesOnlyLogs(t, dir)
}

// runsPods proves that the API server, the controllers (service accounts), the
// scheduler and the nodes work together.
func runsPods(t *testing.T, cp *ControlPlane) {
	t.Helper()
	if err := cp.EnsureNamespace(t.Context(), "smoke"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace has a service account", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKey{Namespace: "smoke", Name: "default"}, &corev1.ServiceAccount{})
		return err == nil, client.IgnoreNotFound(err)
	})
	pod := &corev1.Pod{}
	pod.Name, pod.Namespace = "smoke", "smoke"
	pod.Spec.Containers = []corev1.Container{{Name: "main", Image: "r.example.com/nothing:1"}}
	if err := cp.Client.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pod runs", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
		return pod.Status.Phase == corev1.PodRunning, err
	})
}

func leavesOnlyLogs(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if diff := cmp.Diff([]string{"log"}, left); diff != "" {
		t.Errorf("only logs may be left: %s", diff)
	}
	if running, err := process.Running(dir); len(running) > 0 || err != nil {
		t.Errorf("no process may be left: %v, %v", running, err)
	}
}

func eventually(t *testing.T, what string, condition wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), settleInterval, settleTimeout, true, condition); err != nil {
		t.Fatalf("it never came true that %s: %v", what, err)
	}
}
