// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// routes gives each exposed port its host. Services that ask for the same
// host share a route, with different paths.
func (r *resolver) routes() {
	byName := map[string]*Route{}
	var primaries []string
	for _, service := range sortedKeys(r.merged.Services) {
		spec := r.merged.Services[service]
		if spec.Expose == nil {
			continue
		}
		if deref(spec.Expose.Primary, false) {
			primaries = append(primaries, service)
		}
		r.expose(byName, service, spec)
	}
	for _, name := range sortedKeys(byName) {
		r.stack.Routes = append(r.stack.Routes, *byName[name])
	}
	r.uniqueHosts()
	r.primary(primaries)
}

func (r *resolver) expose(byName map[string]*Route, service string, spec v1alpha1.Service) {
	field := "spec.services." + service + ".expose"
	if r.in.Class.Spec.Gateway == nil {
		r.problem(field, "asks for a URL, but class %q has no gateway: use another class, or ask the platform team to set gateway", r.stack.ClassName)
		return
	}
	ports := servicePorts(spec.Ports)
	if port, ok := r.exposedPort(field+".port", spec.Expose.Port, ports); ok {
		host := orDefault(spec.Expose.Host, service)
		r.addRule(byName, field, host, r.auth(field, *spec.Expose), RouteRule{
			Paths: paths(spec.Expose.Paths), Service: service, Port: port.Number, Protocol: port.Protocol,
		})
	}
	for _, name := range sortedKeys(spec.Expose.Ports) {
		at := field + ".ports." + name
		port, ok := r.exposedPort(at, name, ports)
		if !ok {
			continue
		}
		host := orDefault(spec.Expose.Ports[name].Host, service+"-"+name)
		r.addRule(byName, at, host, r.auth(field, *spec.Expose), RouteRule{
			Paths: paths(nil), Service: service, Port: port.Number, Protocol: port.Protocol,
		})
	}
}

func paths(asked []string) []string {
	if len(asked) == 0 {
		return []string{"/"}
	}
	var out []string
	for _, p := range asked {
		out = append(out, cleanPath(p))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// exposedPort finds the port to expose: the one named, else the only one
// that a gateway can serve or the one named http.
func (r *resolver) exposedPort(field, name string, ports []Port) (Port, bool) {
	web := slices.DeleteFunc(slices.Clone(ports), func(p Port) bool {
		return p.Protocol != v1alpha1.ProtocolHTTP && p.Protocol != v1alpha1.ProtocolGRPC
	})
	if len(web) == 0 {
		r.problem(field, "cannot be found: the service has no HTTP or GRPC port; add one, for example ports: {http: {port: 8080}}")
		return Port{}, false
	}
	if name == "" {
		if len(web) > 1 && mainPort(web).Name != portHTTP {
			r.problem(field, "is not set, and the service has more than one HTTP or GRPC port (%s): name the one to expose", joined(portNames(web)))
			return Port{}, false
		}
		return mainPort(web), true
	}
	for _, p := range web {
		if p.Name == name {
			return p, true
		}
	}
	r.problem(field, "is %q, which is not an HTTP or GRPC port of the service: %s", name, known("it has", portNames(web)))
	return Port{}, false
}

// auth refuses what the class does not let a claim open, and OIDC that no
// gateway would enforce.
func (r *resolver) auth(field string, e v1alpha1.Expose) v1alpha1.AuthMode {
	class := r.in.Class.Spec.Auth
	mode := orDefault(orDefault(e.Auth, class.Mode), v1alpha1.AuthOIDC)
	switch {
	case mode == v1alpha1.AuthNone && class.Mode != v1alpha1.AuthNone && !class.AllowNone:
		r.problem(field+".auth", "is \"None\", which class %q does not allow: leave it out, or ask the platform team to set auth.allowNone", r.stack.ClassName)
	case mode == v1alpha1.AuthOIDC && !r.asksWhoItIs():
		r.problem(field+".auth", "is \"OIDC\", but class %q has no auth.oidc for its gateway, so nothing would ask who it is: ask the platform team to set it, or to set auth.mode None", r.stack.ClassName)
	}
	return mode
}

// asksWhoItIs: an HTTPRoute can refer to a filter, an Ingress only has
// annotations.
func (r *resolver) asksWhoItIs() bool {
	oidc := r.in.Class.Spec.Auth.OIDC
	if oidc == nil {
		return false
	}
	return len(oidc.Annotations) > 0 || r.in.Class.Spec.Gateway.Kind != v1alpha1.GatewayIngress
}

func (r *resolver) addRule(byName map[string]*Route, field, name string, auth v1alpha1.AuthMode, rule RouteRule) {
	route, ok := byName[name]
	if !ok {
		host := r.host(name)
		route = &Route{Name: name, Host: host, URL: r.url(host), Auth: auth}
		byName[name] = route
	}
	if route.Auth != auth {
		r.problem(field+".auth", "is %q, but another service on host %q has %q: services that share a host share its auth", auth, name, route.Auth)
	}
	for _, other := range route.Rules {
		for _, p := range rule.Paths {
			if slices.Contains(other.Paths, p) {
				r.problem(field, "leads %s%s to this service, but service %q has that path already: give one of them another expose.host or expose.paths", name, p, other.Service)
			}
		}
	}
	route.Rules = append(route.Rules, rule)
}

func (r *resolver) host(name string) string {
	class := r.in.Class.Spec
	template := orDefault(class.HostTemplate, "{service}-{claim}-{hash5}")
	return names.HostLabel(template, name, r.in.Identity, r.in.Spec.Source.PullRequest) + "." + class.Domain
}

func (r *resolver) url(host string) string {
	gateway := r.in.Class.Spec.Gateway
	url := fmt.Sprintf("%s://%s", orDefault(gateway.Scheme, "https"), host)
	if gateway.Port != nil {
		url += ":" + strconv.Itoa(int(*gateway.Port))
	}
	return url
}

// uniqueHosts finds two names that the template made one host of: it cuts
// what is too long for a DNS label.
func (r *resolver) uniqueHosts() {
	owner := map[string]string{}
	for _, route := range r.stack.Routes {
		if other, ok := owner[route.Host]; ok {
			r.problem("spec.services."+route.Rules[0].Service+".expose.host", "is %q, which makes the same host %s as %q: choose a shorter name", route.Name, route.Host, other)
		}
		owner[route.Host] = route.Name
	}
}

// primary marks the route whose URL is the stack's: of the service that asks
// for it, else the first.
func (r *resolver) primary(services []string) {
	if len(services) > 1 {
		r.problem("spec.services."+services[1]+".expose.primary", "is true, but that of %q is too: one URL is the stack's own", services[0])
		return
	}
	if len(r.stack.Routes) == 0 {
		return
	}
	first := 0
	for i, route := range r.stack.Routes {
		if len(services) == 1 && route.Rules[0].Service == services[0] {
			first = i
			break
		}
	}
	r.stack.Routes[first].Primary = true
}
