// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// TestFailedJob: a PreDeploy job that fails makes the stack Failed, with the
// last words of its container, and nothing that comes after it is started.
func TestFailedJob(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	c := s.claim("shop", worker+`
jobs:
  migrate: {phase: PreDeploy, image: "`+controlplane.ImageCrash+`", retries: 0}
`)
	got := c.await("is Failed", func(got stack) error {
		return first(
			equal("phase", v1alpha1.PhaseFailed, got.Status.Phase),
			mention(got.Status.Detail, "job migrate failed", controlplane.FaultLastWords),
			hasCondition(got, v1alpha1.ConditionWorkloadsReady, "False", v1alpha1.ReasonJobFailed),
			equal("state of the job", v1alpha1.PartFailed, got.Status.Jobs["migrate"].State),
			hasCondition(got, "Ready", "False", ""),
		)
	})
	if err := absent(t.Context(), got, "worker", &appsv1.Deployment{}); err != nil {
		t.Error(err)
	}
}

// A push is one revision, and the image that migrates to it.
func push(revision, migration string) string {
	return fmt.Sprintf(`
source: {repository: acme/shop, pullRequest: 402, revision: %s}
services:
  worker: {image: "registry.example.com/shop/worker:${source.shortRevision}"}
jobs:
  migrate: {phase: PreDeploy, run: EachRevision, image: %q, retries: 0}
  seed: {phase: PreDeploy, run: Once, image: "registry.example.com/shop/seed:${source.shortRevision}", dependsOn: {migrate: {condition: Completed}}}
`, revision, migration)
}

// TestRevisionWaitsForMigration: a push does not touch the pods that serve until
// its migration is through, and a migration that fails leaves them for good.
func TestRevisionWaitsForMigration(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	c := s.claim("shop", push(revisions[0], "registry.example.com/shop/migrate:1"))
	got := c.awaitReady()
	if got.Status.Revision != revisions[0] {
		t.Errorf("revision: want %s, got %s", revisions[0], got.Status.Revision)
	}
	seed := mustGet(t, got, "seed", &batchv1.Job{})

	c.update(push(revisions[1], controlplane.ImageHeld))
	c.await("keeps its old revision during the migration", func(got stack) error {
		return first(
			equal("revision", revisions[0], got.Status.Revision),
			mention(got.Status.Services["worker"].Detail, "waits for job migrate", "its old revision keeps running"),
			keepsServing(t.Context(), got, "9f1c2ab", "0123456"),
		)
	})
	release(t, got, "migrate")
	got = c.await("runs the new revision", func(got stack) error {
		return first(isReady(got), equal("revision", revisions[1], got.Status.Revision), serves(t.Context(), got, "0123456"))
	})

	c.update(push(revisions[2], controlplane.ImageCrash))
	c.await("keeps its old revision after a failed migration", func(got stack) error {
		return first(
			equal("phase", v1alpha1.PhaseFailed, got.Status.Phase),
			mention(got.Status.Detail, controlplane.FaultLastWords, "revision 0123456 keeps running"),
			equal("revision", revisions[1], got.Status.Revision),
			keepsServing(t.Context(), got, "0123456", "fedcba9"),
		)
	})
	if again := mustGet(t, got, "seed", &batchv1.Job{}); again.UID != seed.UID {
		t.Error("a job that runs once ran again")
	}
}

// keepsServing checks that the Deployment has its new image and does not roll
// out, so that a pod of the old image runs, and no other.
func keepsServing(ctx context.Context, s stack, before, after string) error {
	d, err := get(ctx, s, "worker", &appsv1.Deployment{})
	if err != nil {
		return err
	}
	return first(
		equal("paused", true, d.Spec.Paused),
		equal("image", "registry.example.com/shop/worker:"+after, d.Spec.Template.Spec.Containers[0].Image),
		serves(ctx, s, before),
	)
}

// serves checks that the worker's pods are of one revision.
func serves(ctx context.Context, s stack, revision string) error {
	pods, err := podsOf(ctx, s, "worker")
	if err != nil {
		return err
	}
	if len(pods) != 1 {
		return fmt.Errorf("there are %d pods of the worker, want 1", len(pods))
	}
	return equal("image of the pod", "registry.example.com/shop/worker:"+revision, pods[0].Spec.Containers[0].Image)
}

// release lets the held pods of a job complete.
func release(t *testing.T, s stack, job string) {
	t.Helper()
	eventually(t, "job "+job+" has a pod to release", func(ctx context.Context) error {
		pods, err := podsOf(ctx, s, job)
		if err != nil {
			return err
		}
		for _, pod := range pods {
			if pod.Spec.Containers[0].Image != controlplane.ImageHeld {
				continue
			}
			before := pod.DeepCopy()
			pod.Annotations = map[string]string{controlplane.ReleaseAnnotation: "true"}
			return shared.Patch(ctx, &pod, client.MergeFrom(before))
		}
		return fmt.Errorf("none of %d pods is held", len(pods))
	})
}
