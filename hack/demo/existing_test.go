// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

func gateway(hostname string, from gatewayv1.FromNamespaces) *gatewayv1.Gateway {
	g := &gatewayv1.Gateway{ObjectMeta: metav1.ObjectMeta{Namespace: "edge", Name: "main"}}
	g.Spec.Listeners = []gatewayv1.Listener{{
		Name: "http", Protocol: gatewayv1.HTTPProtocolType, Port: 8000,
		AllowedRoutes: &gatewayv1.AllowedRoutes{Namespaces: &gatewayv1.RouteNamespaces{From: &from}},
	}}
	if hostname != "" {
		g.Spec.Listeners[0].Hostname = ptr.To(gatewayv1.Hostname(hostname))
	}
	g.Status.Addresses = []gatewayv1.GatewayStatusAddress{{Value: "203.0.113.7"}}
	return g
}

func TestCheck(t *testing.T) {
	crossplane := []client.Object{
		&apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "configurations.pkg.crossplane.io"}},
		&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: "crossplane-system", Name: "crossplane", Labels: map[string]string{"app": "crossplane"}},
			Status:     appsv1.DeploymentStatus{AvailableReplicas: 1},
		},
	}
	storage := func(isDefault string) client.Object {
		return &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": isDefault}}}
	}
	cases := map[string]struct {
		reason  string
		objects []client.Object
		want    Gateway
		errors  []string
	}{
		"Bare": {
			reason: "all that is missing is said at once, each with a command",
			errors: []string{"helm install crossplane ", "none of its 0 Gateways", "it has no StorageClass"},
		},
		"Complete": {
			reason:  "URLs are below the domain that the listener serves, and name its port",
			objects: append(crossplane, storage("true"), gateway("*.preview.example.com", gatewayv1.NamespacesFromAll)),
			want:    Gateway{Namespace: "edge", Name: "main", Domain: "preview.example.com", Address: "203.0.113.7:8000", Port: 8000},
		},
		"AnyHost": {
			reason:  "a listener without hostname takes the names that browsers take for this machine",
			objects: append(crossplane, storage("true"), gateway("", gatewayv1.NamespacesFromAll)),
			want:    Gateway{Namespace: "edge", Name: "main", Domain: defaultDomain, Address: "203.0.113.7:8000", Port: 8000},
		},
		"GatewayOfOneNamespace": {
			reason:  "routes of preview namespaces would not be accepted",
			objects: append(crossplane, storage("true"), gateway("", gatewayv1.NamespacesFromSame)),
			errors:  []string{"none of its 1 Gateways"},
		},
		"NoDefaultStorage": {
			reason:  "the class that is there can become the default",
			objects: append(crossplane, storage("false"), gateway("", gatewayv1.NamespacesFromAll)),
			want:    Gateway{Namespace: "edge", Name: "main", Domain: defaultDomain, Address: "203.0.113.7:8000", Port: 8000},
			errors:  []string{"kubectl annotate storageclass fast "},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			known, err := newScheme()
			if err != nil {
				t.Fatal(err)
			}
			got, err := check(t.Context(), fake.NewClientBuilder().WithScheme(known).WithObjects(tc.objects...).Build())
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: gateway: -want, +got:\n%s", tc.reason, diff)
			}
			if (err != nil) != (len(tc.errors) > 0) {
				t.Fatalf("%s: error %v", tc.reason, err)
			}
			for _, want := range tc.errors {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s: error %q does not say %q", tc.reason, err, want)
				}
			}
		})
	}
}
