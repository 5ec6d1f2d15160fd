// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/expand/expandtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func TestSleepSwitchHasNoReplicas(t *testing.T) {
	lever := find[*lifecyclev1alpha1.SleepSwitch](t, expandtest.Sleeping(), expand.SleepSwitchKey)
	want := lifecyclev1alpha1.SleepSwitchSpec{
		Selector: "microstaging.dev/stack=" + expandtest.Sleeping().Namespace,
		Traffic: &lifecyclev1alpha1.SwitchTraffic{
			Scaler: "keda-add-ons-http-external-scaler.keda:9090", After: metav1.Duration{Duration: 30 * time.Minute},
			// Robots wake nobody.
			Routes: []string{"web.api.8080", "web.api.8080.browser", "web.web.8080", "web.web.8080.browser"},
		},
	}
	if diff := cmp.Diff(want, lever.Spec); diff != "" {
		t.Errorf("applied replicas would wake the stack with every run: -want, +got:\n%s", diff)
	}
}

func TestInterceptorRoutes(t *testing.T) {
	cases := map[string]struct {
		reason  string
		key     string
		headers []expand.InterceptorHeader
		status  int32 // Of the page; 0: requests are held.
	}{
		"Program": {reason: "a program waits for its answer", key: "intercept-web.api.8080"},
		"Browser": {
			reason: "a person sees at once that it wakes", key: "intercept-web.api.8080.browser",
			headers: []expand.InterceptorHeader{{Name: "Sec-Fetch-Mode", Value: "navigate"}}, status: 503,
		},
		"Robot": {
			reason: "a link is unfurled without an error", key: "intercept-web.api.8080.robot",
			headers: []expand.InterceptorHeader{{Name: "X-Preview-Visitor", Value: "robot"}}, status: 200,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := find[*expand.InterceptorRoute](t, expandtest.Sleeping(), tc.key).Spec
			rules := []expand.InterceptorRule{{
				Hosts: []string{"web-shop.preview.example.com"}, Paths: []expand.InterceptorPath{{Value: "/api"}, {Value: "/login"}}, Headers: tc.headers,
			}}
			if diff := cmp.Diff(rules, got.Rules); diff != "" {
				t.Errorf("%s: rules: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(expand.InterceptorTarget{Service: "api", Port: 8080}, got.Target); diff != "" {
				t.Errorf("%s: target: -want, +got:\n%s", tc.reason, diff)
			}
			var status int32
			if got.ColdStart != nil {
				status = got.ColdStart.Placeholder.Response.StatusCode
				if body := got.ColdStart.Placeholder.Response.Body; body == "" || len(body) > 32768 {
					t.Errorf("%s: a body of %d bytes", tc.reason, len(body))
				}
			}
			if status != tc.status {
				t.Errorf("%s: status %d, want %d", tc.reason, status, tc.status)
			}
		})
	}
}

// TestLoginIsNotBypassed: the route to the interceptor is one for all stacks. A
// URL that asks for a login must not lead through one that does not.
func TestLoginIsNotBypassed(t *testing.T) {
	s := expandtest.Sleeping()
	s.Routes[0].Auth = v1alpha1.AuthOIDC
	for _, prefix := range []string{"intercept-", "scaled-object", expand.SleepSwitchKey} {
		if has(s, prefix) {
			t.Errorf("%s is made for a URL with a login", prefix)
		}
	}
	s.Class.Sleep.Auth = v1alpha1.AuthOIDC
	if !has(s, "intercept-") {
		t.Error("the route to the interceptor asks for the login, and the stack is not led through it")
	}
}

func TestInterceptorIsLetIn(t *testing.T) {
	namespaces := func(s *stack.Stack) (names []string) {
		for _, peer := range find[*networkingv1.NetworkPolicy](t, s, "policy-gateway-web").Spec.Ingress[0].From {
			names = append(names, peer.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"])
		}
		return names
	}
	named := expandtest.Sleeping()
	named.Class.Sleep.InterceptorNamespace = "scaling"
	for name, tc := range map[string]struct {
		stack *stack.Stack
		want  []string
	}{
		"Default": {expandtest.Sleeping(), []string{"gateway-system", "keda"}},
		"Named":   {named, []string{"gateway-system", "scaling"}},
		"Never":   {expandtest.Full(), []string{"gateway-system"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, namespaces(tc.stack)); diff != "" {
				t.Errorf("namespaces that reach service web: -want, +got:\n%s", diff)
			}
		})
	}
}

// TestOwnRouteBeatsTheOneForAll: a stack with routes of its own must not have its
// requests taken by the route to the interceptor.
func TestOwnRouteBeatsTheOneForAll(t *testing.T) {
	methods := func(s *stack.Stack) string {
		var out []gatewayv1.HTTPMethod
		for _, m := range find[*gatewayv1.HTTPRoute](t, s, "route-web").Spec.Rules[1].Matches {
			method := gatewayv1.HTTPMethod("any")
			if m.Method != nil {
				method = *m.Method
			}
			out = append(out, method)
		}
		text, err := json.Marshal(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if diff := cmp.Diff(`["any","GET","HEAD"]`, methods(expandtest.Sleeping())); diff != "" {
		t.Errorf("where there is such a route: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(`["any"]`, methods(expandtest.Full())); diff != "" {
		t.Errorf("where there is none: -want, +got:\n%s", diff)
	}
}
