// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// TestSleep: what a class asks for and a stack cannot have is said, and is no
// reason to refuse the stack.
func TestSleep(t *testing.T) {
	const (
		exposed = `services: {web: {image: "r.example.com/web:1", ports: {http: {port: 8080}}, expose: {}}}`
		hidden  = `services: {web: {image: "r.example.com/web:1"}}`
		grpc    = `services: {api: {image: "r.example.com/api:1", ports: {grpc: {port: 9090, protocol: GRPC}}, expose: {}}}`
		traffic = `spec: {sleep: {mode: Traffic}}`
	)
	byTraffic := Sleep{Mode: v1alpha1.SleepTraffic, After: 30 * time.Minute, Intercepted: true}
	instead := func(why string) Sleep {
		return Sleep{Mode: v1alpha1.SleepSchedule, After: 30 * time.Minute, Instead: why}
	}
	cases := map[string]struct {
		reason string
		spec   string
		class  string
		live   bool // Its routes are intercepted.
		want   Sleep
	}{
		"Nothing": {
			reason: "a class older than the field",
			spec:   exposed, class: `{}`,
			want: Sleep{Mode: v1alpha1.SleepNever, After: 30 * time.Minute},
		},
		"Traffic": {reason: "its requests can be seen", spec: exposed, class: traffic, want: byTraffic},
		"After": {
			reason: "the claim's word goes before the class's",
			spec:   exposed + "\nlifecycle: {sleepAfter: 5m}", class: `spec: {sleep: {mode: Traffic, after: 1h}}`,
			want: Sleep{Mode: v1alpha1.SleepTraffic, After: 5 * time.Minute, Intercepted: true},
		},
		"Never": {
			reason: "it stays awake without traffic; woken by command, it does for as long as the class says",
			spec:   exposed + "\nlifecycle: {sleepAfter: Never}", class: `spec: {sleep: {mode: Traffic, after: 1h}}`,
			want: Sleep{Mode: v1alpha1.SleepSchedule, After: time.Hour},
		},
		"NoMore": {
			reason: "its routes lead through the interceptor until others do not",
			spec:   exposed, class: `spec: {sleep: {mode: Schedule}}`, live: true,
			want: Sleep{Mode: v1alpha1.SleepSchedule, After: 30 * time.Minute, Intercepted: true},
		},
		"NoURL": {
			reason: "nothing would ever wake it",
			spec:   hidden, class: traffic, want: instead("it has no URL, so no request can wake it"),
		},
		"Elsewhere": {
			reason: "the other cluster's kinds cannot be seen",
			spec:   exposed, class: `spec: {sleep: {mode: Traffic}, target: {mode: Objects, providerConfigRef: {name: other}}}`,
			want: instead("it runs in another cluster, whose traffic is not seen from here"),
		},
		"Ingress": {
			reason: "the platform's route to the interceptor is an HTTPRoute",
			spec:   exposed, class: `spec: {sleep: {mode: Traffic}, gateway: {kind: Ingress, ingressClassName: nginx, namespace: ingress-nginx}}`,
			want: instead("its URLs are Ingresses, and only HTTPRoutes lead to the interceptor"),
		},
		"Login": {
			reason: "its URL would be open",
			spec:   exposed, class: `spec: {sleep: {mode: Traffic}, auth: {mode: OIDC, oidc: {annotations: {a: b}}}}`,
			want: instead("host web has auth OIDC, and the class's route to the interceptor None (sleep.auth)"),
		},
		"LoginThere": {
			reason: "the route to the interceptor asks for the login itself",
			spec:   exposed, class: `spec: {sleep: {mode: Traffic, auth: OIDC}, auth: {mode: OIDC, oidc: {annotations: {a: b}}}}`,
			want: byTraffic,
		},
		"GRPC": {
			reason: "gateways speak HTTP/1.1 to the interceptor",
			spec:   grpc, class: traffic,
			want: instead("host api leads to the gRPC port of service api, which the interceptor does not pass on"),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := input(t, tc.spec)
			in.Class, in.Intercepted = patched(t, class, tc.class), tc.live
			got, problems := Resolve(in)
			if len(problems) > 0 {
				t.Fatalf("%s: the stack is refused: %v", tc.reason, problems)
			}
			if diff := cmp.Diff(tc.want, got.Sleep); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
