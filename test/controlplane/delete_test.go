// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// everything is a stack with objects inside and outside of its namespace.
const everything = `
services:
  web:
    image: "registry.example.com/shop/web:1"
    ports: {http: {port: 8080}}
    expose: {}
    env: {DATABASE_URL: "${databases.db.url}", SALT: "${secrets.salt.value}"}
    files: {/etc/web.yaml: {content: "colour: blue"}}
    volumes: {/data: {source: data}}
volumes: {data: {size: 1Gi}}
databases: {db: {engine: Postgres, goldenRef: {name: shop}}}
secrets: {salt: {generate: {length: 32}}}
jobs: {migrate: {phase: PreDeploy, run: Once, image: "registry.example.com/shop/migrate:1"}}
`

// TestDelete: once a claim is gone, nothing is left of its stack in any kind of
// the cluster, and the name can be used again at once.
func TestDelete(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI, branches, stackSecrets)
	s := newScenario(t)
	c := s.claim("shop", everything)
	got := c.awaitReady()
	if left := traces(t, got.Status.Namespace); len(left) < 10 {
		t.Fatalf("a living stack leaves more traces than %v", left)
	}
	c.delete()
	c.awaitGone(got)
	volumesGone(t, got.Status.Namespace)

	c.update(everything)
	again := c.awaitReady()
	if again.Status.Namespace != got.Status.Namespace || again.Status.URL != got.Status.URL {
		t.Errorf("the same claim has the same namespace and URL: was %s, %s; is %s, %s",
			got.Status.Namespace, got.Status.URL, again.Status.Namespace, again.Status.URL)
	}
}

// TestNamespaceDeleted: a stack whose namespace somebody deletes is built anew.
func TestNamespaceDeleted(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI)
	s := newScenario(t)
	c := s.claim("shop", web)
	got := c.awaitReady()
	before := c.uids()
	namespace := mustGet(t, got, got.Status.Namespace, &corev1.Namespace{})
	if err := shared.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	c.await("is rebuilt", func(got stack) error {
		if err := isReady(got); err != nil {
			return err
		}
		objects, err := got.composed(t.Context())
		if err != nil {
			return err
		}
		for name, object := range objects {
			if object.GetUID() == before[name] {
				return fmt.Errorf("%s is still the old one", name)
			}
		}
		return equal("objects", len(before), len(objects))
	})
}

// delete deletes the claim, as kubectl delete --wait=false does.
func (c *claim) delete() {
	c.s.t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
	object.SetNamespace(c.key.Namespace)
	object.SetName(c.key.Name)
	if err := shared.Delete(c.s.t.Context(), object); err != nil {
		c.s.t.Fatal(err)
	}
}

// awaitGone waits until the claim is gone and nothing of its stack is left.
//
// The claim goes last, but for one thing: Kubernetes' garbage collector, which
// deletes children before their owner, looks for new kinds every 30 seconds. The
// kinds of this suite are that new; their objects may outlive the claim by that.
func (c *claim) awaitGone(was stack) {
	c.s.t.Helper()
	eventually(c.s.t, "nothing is left of claim "+c.key.Name, func(ctx context.Context) error {
		_, err := c.get(ctx)
		if err := gone("the claim", err); err != nil {
			return err
		}
		_, err = was.xr(ctx)
		if err := gone("the composite", err); err != nil {
			return err
		}
		if left := traces(c.s.t, was.Status.Namespace); len(left) > 0 {
			return fmt.Errorf("left of the stack: %s", strings.Join(left, ", "))
		}
		return absent(ctx, was, was.Status.Namespace, &corev1.Namespace{})
	})
}

// gone turns what a Get returned into whether the object is gone.
func gone(what string, err error) error {
	switch {
	case err == nil:
		return fmt.Errorf("%s is still there", what)
	case apierrors.IsNotFound(err):
		return nil
	}
	return err
}

// traces lists the objects of every kind of the cluster that carry a stack's
// label.
func traces(t *testing.T, namespace string) []string {
	t.Helper()
	lists, err := discovery.NewDiscoveryClientForConfigOrDie(shared.cp.RESTConfig()).ServerPreferredResources()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "list") {
				continue
			}
			found = append(found, labelled(t, schema.FromAPIVersionAndKind(list.GroupVersion, resource.Kind), namespace)...)
		}
	}
	return found
}

// labelled lists the objects of one kind that carry a stack's label.
func labelled(t *testing.T, kind schema.GroupVersionKind, namespace string) []string {
	t.Helper()
	objects := &metav1.PartialObjectMetadataList{}
	objects.SetGroupVersionKind(kind)
	if err := shared.List(t.Context(), objects, client.MatchingLabels{v1alpha1.LabelStack: namespace}); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, object := range objects.Items {
		found = append(found, kind.Kind+" "+object.Name)
	}
	return found
}

// volumesGone waits until the provisioner has deleted the volumes of a namespace.
func volumesGone(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, "the volumes are gone", func(ctx context.Context) error {
		volumes := &corev1.PersistentVolumeList{}
		if err := shared.List(ctx, volumes); err != nil {
			return err
		}
		for _, volume := range volumes.Items {
			if ref := volume.Spec.ClaimRef; ref != nil && ref.Namespace == namespace {
				return fmt.Errorf("volume %s is left", volume.Name)
			}
		}
		return nil
	})
}
