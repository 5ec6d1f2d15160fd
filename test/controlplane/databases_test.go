// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	databasev1alpha1 "github.com/microstaging/preview-stacks/apis/database/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// TestDatabase: pods wait for their database, get its connection by reference,
// and are rolled when its credentials rotate.
func TestDatabase(t *testing.T) {
	t.Parallel()
	need(t, branches)
	s := newScenario(t)
	c := s.claim("shop", `
databases: {db: {engine: Postgres, goldenRef: {name: `+byHand+`}}}
services:
  api: {image: "registry.example.com/api:1", env: {DATABASE_URL: "${databases.db.url}"}}
`)
	got := c.await("waits for its database", func(got stack) error {
		return first(
			mention(got.Status.Services["api"].Detail, "waits for database db"),
			hasCondition(got, v1alpha1.ConditionDataReady, "False", ""),
		)
	})
	if err := absent(t.Context(), got, "api", &appsv1.Deployment{}); err != nil {
		t.Error(err)
	}
	branch := mustGet(t, got, got.Status.Namespace+"-db", &databasev1alpha1.DatabaseBranch{})
	secret := branch.Spec.WriteConnectionSecretToReference
	if secret == nil || secret.Namespace != got.Status.Namespace {
		t.Fatalf("the connection goes to a Secret in the stack's namespace, got %v", secret)
	}

	rotate(t, branch, 1)
	got = c.awaitReady()
	container, err := firstContainer(t.Context(), got, "api")
	if err != nil {
		t.Fatal(err)
	}
	want := []corev1.EnvVar{{Name: "DATABASE_URL", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: secret.Name}, Key: databasev1alpha1.KeyURL,
	}}}}
	if err := equal("env", want, container.Env); err != nil {
		t.Error(err)
	}

	before := podUID(t, got)
	rotate(t, branch, 2)
	c.await("rolls its pods", func(got stack) error {
		pods, err := podsOf(t.Context(), got, "api")
		if err != nil {
			return err
		}
		return first(isReady(got), equal("pods", 1, len(pods)), equal("the pod is another one", true, len(pods) > 0 && pods[0].UID != before))
	})
}

// rotate says of a branch, as its provider would, that it is there with new
// credentials.
func rotate(t *testing.T, branch *databasev1alpha1.DatabaseBranch, version int64) {
	t.Helper()
	before := branch.DeepCopy()
	branch.Status.SetConditions(xpv2.ReconcileSuccess(), xpv2.Available())
	branch.Status.CredentialsVersion = version
	if err := shared.Status().Patch(t.Context(), branch, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// podUID tells the api's only pod from others.
func podUID(t *testing.T, s stack) (uid types.UID) {
	t.Helper()
	eventually(t, "the api has one pod", func(ctx context.Context) error {
		pods, err := podsOf(ctx, s, "api")
		if err != nil {
			return err
		}
		if len(pods) != 1 {
			return errors.New("it has not")
		}
		uid = pods[0].UID
		return nil
	})
	return uid
}
