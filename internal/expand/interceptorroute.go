// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"cmp"
	_ "embed" // For the pages.
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const (
	interceptorRouteCRD = "interceptorroutes.http.keda.sh"
	// holdRequest is how long a request may wait for a stack to wake.
	holdRequest = "3m0s"
)

// Pages that stand in for a stack that sleeps.
var (
	//go:embed pages/waking.html
	wakingPage string
	//go:embed pages/asleep.html
	asleepPage string
)

// An InterceptorRoute is as much of the kind of KEDA's HTTP add-on as leads
// requests to a Service and counts them.
// https://github.com/kedacore/http-add-on/blob/v0.15.0/operator/apis/http/v1beta1/interceptorroute_types.go
type InterceptorRoute struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec InterceptorRouteSpec `json:"spec"`
}

// An InterceptorRouteSpec says which requests lead where.
type InterceptorRouteSpec struct {
	Target        InterceptorTarget   `json:"target"`
	Rules         []InterceptorRule   `json:"rules"`
	ScalingMetric InterceptorMetric   `json:"scalingMetric"`
	ColdStart     *ColdStart          `json:"coldStart,omitempty"`
	Timeouts      InterceptorTimeouts `json:"timeouts"`
}

// An InterceptorTarget is a port of a Service.
type InterceptorTarget struct {
	Service string `json:"service"`
	Port    int32  `json:"port"`
}

// An InterceptorRule is what a request must match: a host, a path, all headers.
type InterceptorRule struct {
	Hosts   []string            `json:"hosts"`
	Paths   []InterceptorPath   `json:"paths"`
	Headers []InterceptorHeader `json:"headers,omitempty"`
}

// An InterceptorPath is a path prefix.
type InterceptorPath struct {
	Value string `json:"value"`
}

// An InterceptorHeader is a header with its whole value.
type InterceptorHeader struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// An InterceptorMetric is what counts as being used.
type InterceptorMetric struct {
	Concurrency InterceptorConcurrency `json:"concurrency"`
	RequestRate InterceptorRate        `json:"requestRate"`
}

// An InterceptorConcurrency counts requests that are open.
type InterceptorConcurrency struct {
	TargetValue int32 `json:"targetValue"`
}

// An InterceptorRate counts requests within a time.
type InterceptorRate struct {
	TargetValue int32  `json:"targetValue"`
	Window      string `json:"window"`
	Granularity string `json:"granularity"`
}

// A ColdStart is what is answered while nothing runs. Without it, requests are
// held.
type ColdStart struct {
	Placeholder ColdStartPlaceholder `json:"placeholder"`
}

// A ColdStartPlaceholder answers with a page.
type ColdStartPlaceholder struct {
	Response ColdStartResponse `json:"response"`
}

// A ColdStartResponse is that page.
type ColdStartResponse struct {
	StatusCode int32             `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// InterceptorTimeouts bound how long a request is held.
type InterceptorTimeouts struct {
	Readiness string `json:"readiness"`
}

// DeepCopyObject implements runtime.Object.
func (r *InterceptorRoute) DeepCopyObject() runtime.Object {
	out := *r
	out.ObjectMeta = *r.ObjectMeta.DeepCopy()
	out.Spec.Rules = slices.Clone(r.Spec.Rules)
	for i, rule := range r.Spec.Rules {
		out.Spec.Rules[i] = InterceptorRule{
			Hosts: slices.Clone(rule.Hosts), Paths: slices.Clone(rule.Paths), Headers: slices.Clone(rule.Headers),
		}
	}
	if r.Spec.ColdStart != nil {
		cold := *r.Spec.ColdStart
		cold.Placeholder.Response.Headers = maps.Clone(cold.Placeholder.Response.Headers)
		out.Spec.ColdStart = &cold
	}
	return &out
}

// A visitor is who asks. Each has an interceptor route of its own, as what is
// answered, and what counts as traffic, can only be said of a route.
type visitor struct {
	// name is empty for whoever is not one of the others.
	name   string
	header InterceptorHeader
	// wakes: its requests wake the stack, and keep it awake.
	wakes bool
	cold  *ColdStart
}

// visitors: a program waits until its request is answered. A person sees at
// once that the preview wakes: only the loading of a page says so of itself.
// What unfurls links or monitors is told apart by the route to the interceptor,
// and must neither wake a preview nor keep it awake.
var visitors = []visitor{
	{wakes: true},
	{
		name: "browser", wakes: true, header: InterceptorHeader{Name: "Sec-Fetch-Mode", Value: "navigate"},
		cold: page(503, wakingPage, map[string]string{"Retry-After": "5"}),
	},
	{
		name: "robot", header: InterceptorHeader{Name: "X-Preview-Visitor", Value: "robot"},
		cold: page(200, asleepPage, nil),
	},
}

func page(status int32, body string, headers map[string]string) *ColdStart {
	return &ColdStart{Placeholder: ColdStartPlaceholder{Response: ColdStartResponse{
		StatusCode: status, Body: body,
		Headers: merged(map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}, headers),
	}}}
}

// An Interception is one way of one kind of visitor to one service: an
// interceptor route has one target.
type Interception struct {
	route   stack.Route
	rule    stack.RouteRule
	visitor visitor
}

func (i Interception) name() string {
	return names.InterceptorRouteName(i.route.Name, i.rule.Service, i.rule.Port, i.visitor.name)
}

// intercepted are all of a stack. It holds the last door, as guarded does: the
// route to the interceptor is the platform's, and a URL that asks for a login
// must not lead through one that does not.
func intercepted(s *stack.Stack) []Interception {
	var all []Interception
	for _, r := range s.Routes {
		if r.Auth != cmp.Or(s.Class.Sleep.Auth, v1alpha1.AuthNone) {
			continue
		}
		for _, rule := range r.Rules {
			for _, v := range visitors {
				all = append(all, Interception{r, rule, v})
			}
		}
	}
	return all
}

func interceptorRoutes(s *stack.Stack, _ map[string]int64) []Object {
	if !s.Sleep.Intercepted {
		return nil
	}
	var objects []Object
	for _, i := range intercepted(s) {
		objects = append(objects, Object{
			Key: "intercept-" + i.name(), Part: stack.Part{Kind: stack.PartRoute, Name: i.route.Name}, Role: RoleRoute, Way: WayIntercepted,
			Object: MakeInterceptorRoute(s, i), NeedsCRD: interceptorRouteCRD,
		})
	}
	return objects
}

// MakeInterceptorRoute leads requests through the interceptor, which holds or
// answers them while nothing runs. WebSockets are requests that stay open.
func MakeInterceptorRoute(s *stack.Stack, i Interception) *InterceptorRoute {
	rule := InterceptorRule{Hosts: []string{i.route.Host}}
	for _, p := range i.rule.Paths {
		rule.Paths = append(rule.Paths, InterceptorPath{Value: p})
	}
	if i.visitor.header.Name != "" {
		rule.Headers = []InterceptorHeader{i.visitor.header}
	}
	return &InterceptorRoute{
		TypeMeta:   metav1.TypeMeta{APIVersion: "http.keda.sh/v1beta1", Kind: "InterceptorRoute"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartRoute, Name: i.route.Name}, i.name()),
		Spec: InterceptorRouteSpec{
			Target: InterceptorTarget{Service: i.rule.Service, Port: i.rule.Port},
			Rules:  []InterceptorRule{rule},
			ScalingMetric: InterceptorMetric{
				Concurrency: InterceptorConcurrency{TargetValue: 1},
				// A short request is over between two looks at what is open.
				RequestRate: InterceptorRate{TargetValue: 1, Window: "10s", Granularity: "1s"},
			},
			ColdStart: i.visitor.cold,
			Timeouts:  InterceptorTimeouts{Readiness: holdRequest},
		},
	}
}
