// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const httpRouteCRD = "httproutes.gateway.networking.k8s.io"

func routes(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, r := range s.Routes {
		if !guarded(s, r) {
			continue
		}
		o := Object{Key: "route-" + r.Name, Part: stack.Part{Kind: stack.PartRoute, Name: r.Name}, Role: RoleRoute, Way: WayDirect}
		if s.Class.Gateway.Kind == v1alpha1.GatewayIngress {
			o.Object = MakeIngress(s, r)
		} else {
			o.Object, o.NeedsCRD = MakeHTTPRoute(s, r), httpRouteCRD
		}
		objects = append(objects, o)
	}
	return objects
}

// guarded holds the last door: a URL that asks for a login is never opened
// where nothing would ask for one, even if a check elsewhere let it through.
func guarded(s *stack.Stack, r stack.Route) bool {
	if s.Class.Gateway == nil {
		return false
	}
	if r.Auth == v1alpha1.AuthNone {
		return true
	}
	oidc := s.Class.Auth.OIDC
	if oidc == nil {
		return false
	}
	byFilter := oidc.ExtensionRef != nil && s.Class.Gateway.Kind != v1alpha1.GatewayIngress
	return byFilter || len(oidc.Annotations) > 0
}

// routeAnnotations are the gateway's own and, for a URL with a login, those
// that ask for it; the latter win.
func routeAnnotations(s *stack.Stack, r stack.Route) map[string]string {
	if r.Auth == v1alpha1.AuthNone {
		return merged(s.Class.Gateway.Annotations)
	}
	return merged(s.Class.Gateway.Annotations, s.Class.Auth.OIDC.Annotations)
}

// MakeHTTPRoute leads one host to its services. WebSocket needs nothing more;
// gRPC needs the Service's appProtocol.
func MakeHTTPRoute(s *stack.Stack, r stack.Route) *gatewayv1.HTTPRoute {
	route := &gatewayv1.HTTPRoute{
		TypeMeta:   metav1.TypeMeta{APIVersion: gatewayv1.GroupVersion.String(), Kind: "HTTPRoute"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartRoute, Name: r.Name}, r.Name),
		Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: parentRefs(s)},
			Hostnames:       []gatewayv1.Hostname{gatewayv1.Hostname(r.Host)},
			Rules:           make([]gatewayv1.HTTPRouteRule, 0, len(r.Rules)),
		},
	}
	route.Annotations = routeAnnotations(s, r)
	for _, rule := range r.Rules {
		route.Spec.Rules = append(route.Spec.Rules, gatewayv1.HTTPRouteRule{
			Matches: pathMatches(s, rule.Paths),
			Filters: routeFilters(s, r),
			BackendRefs: []gatewayv1.HTTPBackendRef{{BackendRef: gatewayv1.BackendRef{
				BackendObjectReference: gatewayv1.BackendObjectReference{
					Name: gatewayv1.ObjectName(rule.Service), Port: ptr.To(rule.Port),
				},
			}}},
		})
	}
	return route
}

func parentRefs(s *stack.Stack) []gatewayv1.ParentReference {
	parent := s.Class.Gateway.ParentRef
	if parent == nil {
		return nil
	}
	ref := gatewayv1.ParentReference{
		Namespace: ptr.To(gatewayv1.Namespace(parent.Namespace)),
		Name:      gatewayv1.ObjectName(parent.Name),
	}
	if parent.SectionName != "" {
		ref.SectionName = ptr.To(gatewayv1.SectionName(parent.SectionName))
	}
	return []gatewayv1.ParentReference{ref}
}

// pathMatches lead path prefixes. Where stacks sleep for lack of traffic there is
// a route for all hosts, which matches by a header, too. Traefik prefers that to
// a whole host (https://github.com/traefik/traefik/issues/9681), but not to a
// method: GET and HEAD are what those with the header use.
func pathMatches(s *stack.Stack, paths []string) []gatewayv1.HTTPRouteMatch {
	matches := make([]gatewayv1.HTTPRouteMatch, 0, len(paths))
	for _, p := range paths {
		match := gatewayv1.HTTPRouteMatch{
			Path: &gatewayv1.HTTPPathMatch{Type: ptr.To(gatewayv1.PathMatchPathPrefix), Value: ptr.To(p)},
		}
		matches = append(matches, match)
		if s.Class.Sleep.Mode != v1alpha1.SleepTraffic {
			continue
		}
		for _, method := range []gatewayv1.HTTPMethod{gatewayv1.HTTPMethodGet, gatewayv1.HTTPMethodHead} {
			match.Method = ptr.To(method)
			matches = append(matches, match)
		}
	}
	return matches
}

// routeFilters ask who it is, before the service is reached.
func routeFilters(s *stack.Stack, r stack.Route) []gatewayv1.HTTPRouteFilter {
	if r.Auth == v1alpha1.AuthNone || s.Class.Auth.OIDC.ExtensionRef == nil {
		return nil
	}
	ref := s.Class.Auth.OIDC.ExtensionRef
	return []gatewayv1.HTTPRouteFilter{{
		Type: gatewayv1.HTTPRouteFilterExtensionRef,
		ExtensionRef: &gatewayv1.LocalObjectReference{
			Group: gatewayv1.Group(ref.Group), Kind: gatewayv1.Kind(ref.Kind), Name: gatewayv1.ObjectName(ref.Name),
		},
	}}
}
