// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// web is the smallest stack that has a URL.
const web = `
services:
  web:
    image: "registry.example.com/shop/web:${source.shortRevision}"
    ports: {http: {port: 8080}}
    expose: {}
`

// TestClaimToReady: the least that people write becomes an environment with a
// URL, and kubectl get shows it.
func TestClaimToReady(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI)
	s := newScenario(t)
	c := s.claim("shop-pr-402", web)
	got := c.awaitReady()

	route := &gatewayv1.HTTPRoute{}
	if err := shared.Get(t.Context(), client.ObjectKey{Namespace: got.Status.Namespace, Name: "web"}, route); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("http://"+string(route.Spec.Hostnames[0]), got.Status.URL); diff != "" {
		t.Errorf("the URL is that of the route: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]v1alpha1.PartStatus{
		"web": {State: v1alpha1.PartReady, Image: "registry.example.com/shop/web:9f1c2ab"},
	}, got.Status.Services); diff != "" {
		t.Errorf("services: -want, +got:\n%s", diff)
	}
	want := map[string]any{"NAME": "shop-pr-402", "SYNCED": "True", "READY": "True", "PHASE": "Ready", "DETAIL": nil, "URL": got.Status.URL, "EXPIRES": got.Status.ExpiresAt}
	if err := expiresWithin(got, 4*time.Hour); err != nil {
		t.Errorf("the class says four hours: %v", err)
	}
	shown := columns(t, c)
	for name, value := range want {
		if diff := cmp.Diff(value, shown[name]); diff != "" {
			t.Errorf("column %s of kubectl get: -want, +got:\n%s", name, diff)
		}
	}
}

// columns are what kubectl get shows of a claim, by their names.
func columns(t *testing.T, c *claim) map[string]any {
	t.Helper()
	typed, err := kubernetes.NewForConfig(shared.cp.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	body, err := typed.RESTClient().Get().
		AbsPath("apis", v1alpha1.GroupVersion.Group, v1alpha1.GroupVersion.Version, "namespaces", c.key.Namespace, "previewstacks", c.key.Name).
		SetHeader("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(body, table); err != nil {
		t.Fatal(err)
	}
	cells := map[string]any{}
	for i, column := range table.ColumnDefinitions {
		cells[strings.ToUpper(column.Name)] = table.Rows[0].Cells[i]
	}
	return cells
}
