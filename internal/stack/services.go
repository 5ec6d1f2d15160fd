// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"slices"
	"strings"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	defaultStart = 120 // seconds
	portHTTP     = "http"
)

func (r *resolver) services() {
	for _, name := range sortedKeys(r.merged.Services) {
		spec := r.merged.Services[name]
		field := "spec.services." + name
		ports := servicePorts(spec.Ports)
		s := Service{
			Name:      name,
			Container: r.container(field, spec.Container),
			Ports:     ports,
			Replicas:  deref(spec.Replicas, 1),
			Check:     r.check(field+".healthcheck", spec.Healthcheck, ports),
			Exposed:   r.exposedPorts(name),
		}
		r.portNumbers(field, ports)
		s.Exclusive = r.exclusive(s.Mounts)
		if s.Exclusive && s.Replicas > 1 {
			r.problem(field+".replicas", "is %d, but it mounts a ReadWriteOnce volume: write 1, or set the volume's accessMode to ReadWriteMany", s.Replicas)
		}
		r.stack.Services = append(r.stack.Services, s)
	}
}

func servicePorts(ports map[string]v1alpha1.Port) []Port {
	var out []Port
	for _, name := range sortedKeys(ports) {
		p := ports[name]
		out = append(out, Port{Name: name, Number: p.Port, Protocol: orDefault(p.Protocol, v1alpha1.ProtocolHTTP)})
	}
	return out
}

// mainPort is the port named http, else the first HTTP or gRPC port by name,
// else the first.
func mainPort(ports []Port) Port {
	web := func(p Port) bool {
		return p.Protocol == v1alpha1.ProtocolHTTP || p.Protocol == v1alpha1.ProtocolGRPC
	}
	for _, fits := range []func(Port) bool{
		func(p Port) bool { return p.Name == portHTTP && web(p) },
		web,
	} {
		if i := slices.IndexFunc(ports, fits); i >= 0 {
			return ports[i]
		}
	}
	return ports[0]
}

func (r *resolver) portNumbers(field string, ports []Port) {
	seen := map[int32]string{}
	for _, p := range ports {
		if other, ok := seen[p.Number]; ok {
			r.problem(field+".ports."+p.Name, "has port %d, which %q has too: each name needs a number of its own", p.Number, other)
		}
		seen[p.Number] = p.Name
	}
}

// exclusive says whether a volume can be held by one node at a time only.
func (r *resolver) exclusive(mounts []Mount) bool {
	return slices.ContainsFunc(mounts, func(m Mount) bool {
		v, ok := r.merged.Volumes[m.Volume]
		return ok && orDefault(v.AccessMode, v1alpha1.ReadWriteOnce) == v1alpha1.ReadWriteOnce
	})
}

// check resolves a health check: the one asked for, else the first TCP-based
// port must accept a connection.
func (r *resolver) check(field string, h *v1alpha1.Healthcheck, ports []Port) Check {
	if h == nil {
		return defaultCheck(ports)
	}
	c := Check{StartSeconds: defaultStart}
	if d := r.duration(field+".startPeriod", h.StartPeriod); d > 0 {
		c.StartSeconds = int32(d.Seconds())
	}
	switch {
	case h.HTTP != nil:
		c.HTTPPath = orDefault(h.HTTP.Path, "/")
		c.Port = r.checkPort(field+".http.port", h.HTTP.Port, ports)
	case h.TCP != nil:
		c.TCP = true
		c.Port = r.checkPort(field+".tcp.port", h.TCP.Port, ports)
	case h.GRPC != nil:
		c.GRPC = true
		c.Port = r.checkPort(field+".grpc.port", h.GRPC.Port, ports)
	case h.Exec != nil:
		c.Command = h.Exec.Command
	}
	return c
}

func defaultCheck(ports []Port) Check {
	tcp := slices.DeleteFunc(slices.Clone(ports), func(p Port) bool { return p.Protocol == v1alpha1.ProtocolUDP })
	if len(tcp) == 0 {
		return Check{}
	}
	return Check{TCP: true, Port: mainPort(tcp).Number, StartSeconds: defaultStart}
}

func (r *resolver) checkPort(field, name string, ports []Port) int32 {
	if len(ports) == 0 {
		r.problem(field, "cannot be found, because the service has no ports: add one, for example ports: {http: {port: 8080}}, or use an exec check")
		return 0
	}
	if name == "" {
		return mainPort(ports).Number
	}
	for _, p := range ports {
		if p.Name == name {
			return p.Number
		}
	}
	r.problem(field, "is %q, which is not a port of the service: %s", name, known("it has", portNames(ports)))
	return 0
}

func portNames(ports []Port) []string {
	out := make([]string, 0, len(ports))
	for _, p := range ports {
		out = append(out, p.Name)
	}
	return out
}

// exposedPorts lists the names of the ports that routes lead to.
func (r *resolver) exposedPorts(service string) []string {
	var out []string
	for _, p := range servicePorts(r.merged.Services[service].Ports) {
		if r.routed(service, p.Number) {
			out = append(out, p.Name)
		}
	}
	return out
}

func (r *resolver) routed(service string, port int32) bool {
	return slices.ContainsFunc(r.stack.Routes, func(route Route) bool {
		return slices.ContainsFunc(route.Rules, func(rule RouteRule) bool {
			return rule.Service == service && rule.Port == port
		})
	})
}

// cleanPath is a path prefix without a trailing slash, but for the root.
func cleanPath(p string) string {
	if p == "/" {
		return p
	}
	return strings.TrimRight(p, "/")
}
