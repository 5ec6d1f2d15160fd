// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// A Service is a program that keeps running: a Deployment, and a Service if it
// has ports.
type Service struct {
	Container `json:",inline"`

	// Ports it listens on, keyed by name. None: no Service is made.
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$') && k.matches('[a-z]') && !k.contains('--'))",message="ports has a name that cannot be used: use lower-case letters, digits and single hyphens, at most 15 characters and at least one letter, for example http",messageExpression="'ports has the name \"' + self.filter(k, !(k.matches('^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$') && k.matches('[a-z]') && !k.contains('--')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and single hyphens, at most 15 characters and at least one letter, for example http'"
	Ports map[string]Port `json:"ports,omitempty"`

	// Healthcheck says when it is ready. Default: the first port accepts a
	// TCP connection; without ports, the process runs.
	// +optional
	Healthcheck *Healthcheck `json:"healthcheck,omitempty"`

	// Replicas, 0 to 10. Default: 1
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10
	Replicas *int32 `json:"replicas,omitempty"`

	// Expose gives the service a URL. Default: reachable in the stack only.
	// +optional
	Expose *Expose `json:"expose,omitempty"`
}

// A PortProtocol is what is spoken on a port.
//
// +kubebuilder:validation:Enum=HTTP;GRPC;TCP;UDP
type PortProtocol string

// Port protocols.
const (
	ProtocolHTTP PortProtocol = "HTTP"
	ProtocolGRPC PortProtocol = "GRPC"
	ProtocolTCP  PortProtocol = "TCP"
	ProtocolUDP  PortProtocol = "UDP"
)

// A Port is one port of a service.
type Port struct {
	// Port number, 1 to 65535.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port"`

	// Protocol spoken on it; only HTTP (with WebSocket) and GRPC can be
	// exposed. Default: HTTP
	// +optional
	Protocol PortProtocol `json:"protocol,omitempty"`
}

// A Healthcheck says when a service is ready. Exactly one of http, tcp, exec
// and grpc is set.
//
// +kubebuilder:validation:XValidation:rule="[has(self.http), has(self.tcp), has(self.exec), has(self.grpc)].filter(x, x).size() == 1",message="set exactly one of http, tcp, exec and grpc, for example http: {path: /healthz, port: http}"
type Healthcheck struct {
	// HTTP asks a path; 200 to 399 is healthy.
	// +optional
	HTTP *HTTPCheck `json:"http,omitempty"`
	// TCP opens a connection.
	// +optional
	TCP *PortCheck `json:"tcp,omitempty"`
	// Exec runs a command in the container; exit code 0 is healthy.
	// +optional
	Exec *ExecCheck `json:"exec,omitempty"`
	// GRPC asks grpc.health.v1.Health.
	// +optional
	GRPC *PortCheck `json:"grpc,omitempty"`

	// StartPeriod is the time a start may take before the container is
	// restarted. Default: 2m. Example: 30s
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="startPeriod is not a duration: write seconds or minutes, for example \"30s\"",messageExpression="'startPeriod is \"' + self + '\", which is not a duration: write seconds or minutes, for example \"30s\"'"
	StartPeriod string `json:"startPeriod,omitempty"`
}

// An HTTPCheck asks a path on a port.
type HTTPCheck struct {
	// Path to ask. Default: /
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^/[!-~]*$')",message="path cannot be used: write a path that starts with a slash and holds no blanks, for example \"/healthz\"",messageExpression="'path is \"' + self + '\": write a path that starts with a slash and holds no blanks, for example \"/healthz\"'"
	Path string `json:"path,omitempty"`

	// Port name under ports. Default: the first HTTP port by name.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	Port string `json:"port,omitempty"`
}

// A PortCheck names the port to ask.
type PortCheck struct {
	// Port name under ports. Default: the first port by name.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	Port string `json:"port,omitempty"`
}

// An ExecCheck runs a command in the container.
type ExecCheck struct {
	// Command and its arguments. Example: [pg_isready, -U, shop]
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	Command []string `json:"command"`
}

// An AuthMode says who may open a URL.
//
// +kubebuilder:validation:Enum=OIDC;None
type AuthMode string

// Auth modes.
const (
	AuthOIDC AuthMode = "OIDC"
	AuthNone AuthMode = "None"
)

// An Expose gives a service a URL.
type Expose struct {
	// Host replaces {service} in the class's hostTemplate. Default: the
	// service's name. Example: web
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="host cannot be used: it replaces only {service} in the host name of the class; write lower-case letters, digits and hyphens, for example \"web\"",messageExpression="'host is \"' + self + '\": it replaces only {service} in the host name of the class; write lower-case letters, digits and hyphens, for example \"web\"'"
	Host string `json:"host,omitempty"`

	// Port name under ports. Default: the port named http, else the only HTTP
	// or GRPC port.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	Port string `json:"port,omitempty"`

	// Paths that lead to this service, as prefixes. Two services may share a
	// host with different paths. Default: [/]
	// +optional
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="self.all(v, v.matches('^/([-A-Za-z0-9/._~!$&()*+,;=:@]|%[0-9A-Fa-f]{2})*$') && !v.contains('//'))",message="paths has one that cannot be used: write a path that starts with a slash, without query and blanks, for example \"/api\"",messageExpression="'paths has \"' + self.filter(v, !(v.matches('^/([-A-Za-z0-9/._~!$&()*+,;=:@]|%[0-9A-Fa-f]{2})*$') && !v.contains('//')))[0] + '\": write a path that starts with a slash, without query and blanks, for example \"/api\"'"
	// +listType=atomic
	Paths []string `json:"paths,omitempty"`

	// Auth: who may open it. Default: the class's; None only where the class
	// allows it.
	// +optional
	Auth AuthMode `json:"auth,omitempty"`

	// Primary makes this URL the stack's own (status.url). Default: true for
	// the only exposed service, else the first by name.
	// +optional
	Primary *bool `json:"primary,omitempty"`

	// Ports exposes further ports, each on a host of its own.
	// Example: {grpc: {host: api-grpc}}
	// +optional
	// +kubebuilder:validation:MaxProperties=5
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$'))",message="expose.ports has a name that cannot be used: write the name of a port of this service, for example grpc",messageExpression="'expose.ports has the name \"' + self.filter(k, !(k.matches('^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the name of a port of this service, for example grpc'"
	Ports map[string]ExposedPort `json:"ports,omitempty"`
}

// An ExposedPort gives one further port of a service a URL.
type ExposedPort struct {
	// Host replaces {service} in the class's hostTemplate. Default: the
	// service's name, a hyphen and the port's.
	// +optional
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="host cannot be used: it replaces only {service} in the host name of the class; write lower-case letters, digits and hyphens, for example \"web\"",messageExpression="'host is \"' + self + '\": it replaces only {service} in the host name of the class; write lower-case letters, digits and hyphens, for example \"web\"'"
	Host string `json:"host,omitempty"`
}
