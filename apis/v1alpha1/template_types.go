// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A StackTemplate is what runs in a stack: the part that claims and
// blueprints share. Every part is a map keyed by name, so that server-side
// apply merges it and a claim can override one field of one part. Names are
// lower-case letters, digits and hyphens, at most 30 characters, and unique
// across services, databases, mocks and jobs, because dependsOn and variables
// use them.
type StackTemplate struct {
	// Services are the programs that keep running, one Deployment each.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="services has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'services has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Services map[string]Service `json:"services,omitempty"`

	// Volumes are the CSI volume claims that services and jobs mount.
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="volumes has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'volumes has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Volumes map[string]Volume `json:"volumes,omitempty"`

	// Databases are branches of masked golden databases.
	// +optional
	// +kubebuilder:validation:MaxProperties=5
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="databases has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'databases has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Databases map[string]Database `json:"databases,omitempty"`

	// Mocks stand in for third parties and legacy systems.
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="mocks has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'mocks has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Mocks map[string]Mock `json:"mocks,omitempty"`

	// Jobs run to completion: before the roll-out, after it, or on a schedule.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="jobs has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'jobs has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Jobs map[string]Job `json:"jobs,omitempty"`

	// Egress opens the way out of the namespace; all else is denied.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="egress has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'egress has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Egress map[string]Egress `json:"egress,omitempty"`

	// Secrets are taken from a store, copied from the claim's namespace, or
	// generated. Their values never pass through this API.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="secrets has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'secrets has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Secrets map[string]Secret `json:"secrets,omitempty"`
}

// A Container is what services and jobs share: one image and all that it is
// started with.
type Container struct {
	// Image to run. Variables are expanded. One of image and fallbackImage is
	// required once claim and blueprint are merged.
	// Example: r.example.com/shop/web:${source.shortRevision}
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]*$') && !self.contains('://')",message="image cannot be used: write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"",messageExpression="'image is \"' + self + '\": write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"'"
	Image string `json:"image,omitempty"`

	// FallbackImage runs where no image is set: in a monorepo, a pull request
	// builds some of the images only. Example: r.example.com/shop/api:main
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]*$') && !self.contains('://')",message="fallbackImage cannot be used: write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"",messageExpression="'fallbackImage is \"' + self + '\": write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"'"
	FallbackImage string `json:"fallbackImage,omitempty"`

	// Command replaces the image's entrypoint. Default: the image's.
	// +optional
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	Command []string `json:"command,omitempty"`

	// Args replace the image's command. Variables are expanded.
	// +optional
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	Args []string `json:"args,omitempty"`

	// Env sets environment variables. Values may hold variables such as
	// ${databases.db.url}; those that are secret become references.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_.-]{0,199}$'))",message="env has a name that cannot be used: use letters, digits and underscores, starting with a letter, at most 200 characters, for example LOG_LEVEL",messageExpression="'env has the name \"' + self.filter(k, !(k.matches('^[A-Za-z_][A-Za-z0-9_.-]{0,199}$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use letters, digits and underscores, starting with a letter, at most 200 characters, for example LOG_LEVEL'"
	Env map[string]EnvValue `json:"env,omitempty"`

	// EnvFrom names secrets of this stack whose keys all become environment
	// variables. Example: {stripe: {}}
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="envFrom has a name that cannot be used: write the name of a secret of this stack, for example stripe",messageExpression="'envFrom has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the name of a secret of this stack, for example stripe'"
	EnvFrom map[string]EnvFrom `json:"envFrom,omitempty"`

	// Files are mounted read-only, keyed by their absolute path.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255)",message="files has a path that cannot be used: write the absolute path of a file, for example /etc/api.yaml",messageExpression="'files has the path \"' + self.filter(k, !(k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the absolute path of a file, for example /etc/api.yaml'"
	Files map[string]File `json:"files,omitempty"`

	// Volumes mounts volumes of this stack, keyed by the mount path.
	// Example: {/var/lib/uploads: {source: uploads}}
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255)",message="volumes has a mount path that cannot be used: write the absolute path of a folder, for example /var/lib/uploads",messageExpression="'volumes has the mount path \"' + self.filter(k, !(k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the absolute path of a folder, for example /var/lib/uploads'"
	Volumes map[string]VolumeMount `json:"volumes,omitempty"`

	// Resources requested and the limits. Default: the class's.
	// +optional
	Resources *Resources `json:"resources,omitempty"`

	// SecurityContext loosens nothing: it names users and groups where the
	// image does not. Default: the class's.
	// +optional
	SecurityContext *SecurityContext `json:"securityContext,omitempty"`

	// DependsOn names services, databases, mocks and jobs that come first.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="dependsOn has a name that cannot be used: write the name of a service, database, mock or job of this stack, for example db",messageExpression="'dependsOn has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the name of a service, database, mock or job of this stack, for example db'"
	DependsOn map[string]Dependency `json:"dependsOn,omitempty"`
}

// An EnvValue is the value of one environment variable, at most 4096
// characters; variables are expanded, $${ writes a literal ${.
//
// +kubebuilder:validation:MaxLength=4096
type EnvValue string

// EnvFrom takes all keys of one secret of the stack. It has no fields yet.
type EnvFrom struct{}

// A File is the content of one file, written here or kept in a ConfigMap.
//
// +kubebuilder:validation:XValidation:rule="has(self.content) != has(self.configMapRef)",message="set exactly one of content and configMapRef"
type File struct {
	// Content of the file. Variables are expanded, but secret ones are
	// refused: a file ends up in a ConfigMap.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Content *string `json:"content,omitempty"`

	// ConfigMapRef takes the content from a ConfigMap in the claim's
	// namespace, as it is, without expanding variables.
	// +optional
	ConfigMapRef *ConfigMapKeyReference `json:"configMapRef,omitempty"`
}

// A ConfigMapKeyReference names one key of a ConfigMap in the claim's namespace.
type ConfigMapKeyReference struct {
	// Name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key within it. Default: the file's base name.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// A ConfigMapReference names a ConfigMap in the claim's namespace.
type ConfigMapReference struct {
	// Name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// A VolumeMount mounts one volume of the stack.
type VolumeMount struct {
	// Source is the volume's name under volumes. Example: uploads
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	Source string `json:"source"`

	// SubPath within the volume. Default: its root.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.matches('(^|/)[.][.](/|$)')",message="subPath cannot be used: write a path relative to the root of the volume, for example \"cache\"",messageExpression="'subPath is \"' + self + '\": write a path relative to the root of the volume, for example \"cache\"'"
	SubPath string `json:"subPath,omitempty"`

	// ReadOnly mounts it read-only. Default: false
	// +optional
	ReadOnly *bool `json:"readOnly,omitempty"`
}

// Resources of one container, as Kubernetes quantities.
type Resources struct {
	// Requests reserved. Example: {cpu: 100m, memory: 128Mi}
	// +optional
	Requests ResourceAmounts `json:"requests,omitempty"`

	// Limits that hold. Default: the class's, at least the requests.
	// +optional
	Limits ResourceAmounts `json:"limits,omitempty"`
}

// ResourceAmounts are amounts of CPU and memory.
type ResourceAmounts struct {
	// CPU in cores. Example: 100m
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="cpu is not an amount above zero: write an amount such as \"500m\" (half a core) or \"2\""
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory in bytes. Example: 128Mi
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="memory is not an amount above zero: write an amount such as \"512Mi\" or \"2Gi\""
	Memory *resource.Quantity `json:"memory,omitempty"`
}

// A SecurityContext names the user a container runs as. All else is fixed:
// no privileges, no capabilities, the runtime's default seccomp profile.
type SecurityContext struct {
	// RunAsUser is the numeric user, 1 or more (0 is root, which the class's
	// pod security refuses). Default: the class's defaultRunAsUser, else the
	// image's user, which must then be numeric and not root.
	// +optional
	// +kubebuilder:validation:Maximum=2147483647
	// +kubebuilder:validation:XValidation:rule="self > 0",message="runAsUser 0 is root, which no stack may run as: write a user of 1 or more, for example 10001"
	RunAsUser *int64 `json:"runAsUser,omitempty"`

	// RunAsGroup is the numeric group. Default: the image's.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	RunAsGroup *int64 `json:"runAsGroup,omitempty"`

	// FSGroup owns the mounted volumes. Default: runAsUser where it is set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	FSGroup *int64 `json:"fsGroup,omitempty"`

	// ReadOnlyRootFilesystem. Default: false
	// +optional
	ReadOnlyRootFilesystem *bool `json:"readOnlyRootFilesystem,omitempty"`
}

// A DependencyCondition says what is waited for.
//
// +kubebuilder:validation:Enum=Ready;Completed
type DependencyCondition string

// Dependency conditions.
const (
	// DependencyReady waits until a service, mock or database is ready.
	DependencyReady DependencyCondition = "Ready"
	// DependencyCompleted waits until a job has succeeded.
	DependencyCompleted DependencyCondition = "Completed"
)

// A Dependency says what to wait for before starting for the first time.
type Dependency struct {
	// Condition to wait for. Default: Completed for a job, else Ready.
	// +optional
	Condition DependencyCondition `json:"condition,omitempty"`
}

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

// An AccessMode says how many nodes may mount a volume.
//
// +kubebuilder:validation:Enum=ReadWriteOnce;ReadWriteMany
type AccessMode string

// Access modes.
const (
	ReadWriteOnce AccessMode = "ReadWriteOnce"
	ReadWriteMany AccessMode = "ReadWriteMany"
)

// A Volume is one CSI volume claim.
type Volume struct {
	// Size. Required, unless it comes from a golden snapshot, whose size is
	// the default. Example: 5Gi
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="size is not an amount above zero: write an amount such as \"5Gi\""
	Size *resource.Quantity `json:"size,omitempty"`

	// AccessMode. A service on a ReadWriteOnce volume is stopped before its
	// new revision starts. Default: ReadWriteOnce
	// +optional
	AccessMode AccessMode `json:"accessMode,omitempty"`

	// From fills the volume. It cannot change later. Default: empty
	// +optional
	From *VolumeOrigin `json:"from,omitempty"`
}

// A VolumeOrigin says what a volume is filled with.
//
// +kubebuilder:validation:XValidation:rule="has(self.golden) != has(self.volume)",message="set exactly one of golden (a snapshot that the class offers) and volume (another volume of this stack)"
type VolumeOrigin struct {
	// Golden names a snapshot under storage.goldens of the class.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Golden string `json:"golden,omitempty"`

	// Volume names another volume of this stack to clone.
	// +optional
	// +kubebuilder:validation:MaxLength=30
	Volume string `json:"volume,omitempty"`
}

// A DatabaseEngine is a kind of database.
//
// +kubebuilder:validation:Enum=Postgres
type DatabaseEngine string

// EnginePostgres is PostgreSQL 13 to 18.
const EnginePostgres DatabaseEngine = "Postgres"

// A Database is a branch of a masked golden database. Its connection is
// offered as ${databases.NAME.url}, .host, .port, .database, .username and
// .password.
type Database struct {
	// Engine of the database. Default: Postgres
	// +optional
	Engine DatabaseEngine `json:"engine,omitempty"`

	// GoldenRef names the DatabaseGolden to branch. Required once claim and
	// blueprint are merged. Example: {name: shop}
	// +optional
	GoldenRef *NameReference `json:"goldenRef,omitempty"`
}

// A MockEngine is a program that plays a third party.
//
// +kubebuilder:validation:Enum=WireMock;Hoverfly;OpenAPI
type MockEngine string

// Mock engines.
const (
	MockWireMock MockEngine = "WireMock"
	MockHoverfly MockEngine = "Hoverfly"
	MockOpenAPI  MockEngine = "OpenAPI"
)

// A Mock stands in for a third party or a legacy system. Its address is
// ${mocks.NAME.url}.
type Mock struct {
	// Engine that plays it. Default: WireMock
	// +optional
	Engine MockEngine `json:"engine,omitempty"`

	// Files of the engine, keyed by path below its root: for WireMock
	// mappings/*.json and __files/*, for Hoverfly one simulation *.json, for
	// OpenAPI one openapi.yaml or .json.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$') && !k.contains('..') && !k.contains('//') && !k.endsWith('/'))",message="files has a path that cannot be used: write a relative path of letters, digits, dots, underscores and hyphens, for example mappings/pay.json",messageExpression="'files has the path \"' + self.filter(k, !(k.matches('^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$') && !k.contains('..') && !k.contains('//') && !k.endsWith('/')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write a relative path of letters, digits, dots, underscores and hyphens, for example mappings/pay.json'"
	Files map[string]MockFile `json:"files,omitempty"`

	// ConfigMapRef takes the files from a ConfigMap in the claim's namespace;
	// of its keys, a double underscore stands for a slash
	// (mappings__pay.json), because a key cannot hold one.
	// +optional
	ConfigMapRef *ConfigMapReference `json:"configMapRef,omitempty"`

	// Resources requested and the limits. Default: the class's.
	// +optional
	Resources *Resources `json:"resources,omitempty"`
}

// A MockFile is the content of one file of a mock, at most 64 KiB.
//
// +kubebuilder:validation:MaxLength=65536
type MockFile string

// A JobPhase says when a job runs.
//
// +kubebuilder:validation:Enum=PreDeploy;PostDeploy
type JobPhase string

// Job phases.
const (
	// JobPreDeploy runs before a revision is rolled out; services that the
	// job does not depend on wait for it.
	JobPreDeploy JobPhase = "PreDeploy"
	// JobPostDeploy runs once all services are ready.
	JobPostDeploy JobPhase = "PostDeploy"
)

// A JobRun says how often a job runs.
//
// +kubebuilder:validation:Enum=Once;EachRevision
type JobRun string

// Job runs.
const (
	JobOnce         JobRun = "Once"
	JobEachRevision JobRun = "EachRevision"
)

// A Job runs to completion.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.phase) && has(self.schedule))",message="a job has a phase (PreDeploy, PostDeploy) or a schedule, not both"
// +kubebuilder:validation:XValidation:rule="!(has(self.run) && has(self.schedule))",message="run (Once, EachRevision) goes with a phase; a scheduled job runs by its schedule"
type Job struct {
	Container `json:",inline"`

	// Phase to run in. Default: PreDeploy, where no schedule is set.
	// +optional
	Phase JobPhase `json:"phase,omitempty"`

	// Run: Once in the life of the stack, or for EachRevision.
	// Default: EachRevision
	// +optional
	Run JobRun `json:"run,omitempty"`

	// Schedule in cron's five fields, in UTC. Example: "*/15 * * * *"
	// +optional
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="self.matches('^@(yearly|monthly|weekly|daily|hourly)$') || self.matches('^([0-9A-Za-z*/,?-]+ +){4}[0-9A-Za-z*/,?-]+$')",message="schedule cannot be used: write cron's five fields (minute hour day month weekday), for example \"*/15 * * * *\"",messageExpression="'schedule is \"' + self + '\": write cron\\'s five fields (minute hour day month weekday), for example \"*/15 * * * *\"'"
	Schedule string `json:"schedule,omitempty"`

	// Timeout after which a run is stopped and counts as failed. Default: 10m
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="timeout is not a duration: write minutes or hours, for example \"10m\"",messageExpression="'timeout is \"' + self + '\", which is not a duration: write minutes or hours, for example \"10m\"'"
	Timeout string `json:"timeout,omitempty"`

	// Retries after a failed run, 0 to 5. Default: 1
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	Retries *int32 `json:"retries,omitempty"`
}

// An Egress opens one way out of the namespace.
//
// +kubebuilder:validation:XValidation:rule="has(self.cidr) != has(self.host)",message="set exactly one of host (such as api.stripe.com) and cidr (such as 203.0.113.0/24)"
type Egress struct {
	// Host name. Only where the class's egress.hosts can enforce names.
	// Example: api.stripe.com
	// +optional
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?[.])+[a-z]([-a-z0-9]*[a-z0-9])?$')",message="host cannot be used: write a full host name without protocol, path or port, for example \"api.stripe.com\"",messageExpression="'host is \"' + self + '\": write a full host name without protocol, path or port, for example \"api.stripe.com\"'"
	Host string `json:"host,omitempty"`

	// CIDR, within what the class allows. Example: 203.0.113.0/24
	// +optional
	// +kubebuilder:validation:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="isCIDR(self)",message="cidr cannot be used: write an address range, for example \"203.0.113.0/24\", or \"203.0.113.7/32\" for one address",messageExpression="'cidr is \"' + self + '\": write an address range, for example \"203.0.113.0/24\", or \"203.0.113.7/32\" for one address'"
	CIDR string `json:"cidr,omitempty"`

	// Ports (TCP), at least one. Example: [443]
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:Minimum=1
	// +kubebuilder:validation:items:Maximum=65535
	// +listType=set
	Ports []int32 `json:"ports"`
}

// A Secret is taken from a store, copied from the claim's namespace, or
// generated. A key of it is offered as ${secrets.NAME.KEY}.
//
// +kubebuilder:validation:XValidation:rule="[has(self.storeRef), has(self.secretRef), has(self.generate)].filter(x, x).size() == 1",message="set exactly one of storeRef (a secret store), secretRef (a Secret beside the claim) and generate"
// +kubebuilder:validation:XValidation:rule="has(self.storeRef) == has(self.path)",message="path goes with storeRef: it says where in the store the secret is, for example preview/stripe"
type Secret struct {
	// StoreRef names a ClusterSecretStore of the External Secrets Operator
	// that the class allows.
	// +optional
	StoreRef *NameReference `json:"storeRef,omitempty"`

	// Path within the store. Example: preview/stripe
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Path string `json:"path,omitempty"`

	// SecretRef names a Secret in the claim's own namespace.
	// +optional
	SecretRef *SecretReference `json:"secretRef,omitempty"`

	// Generate makes a random value, under the key "value".
	// +optional
	Generate *Generate `json:"generate,omitempty"`
}

// A SecretReference names a Secret in the claim's namespace.
type SecretReference struct {
	// Name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Generate describes a random value.
type Generate struct {
	// Length in characters (letters and digits), 16 to 128. Default: 32
	// +optional
	// +kubebuilder:validation:Minimum=16
	// +kubebuilder:validation:Maximum=128
	Length *int32 `json:"length,omitempty"`
}

// ResourceList gives the amounts as Kubernetes counts them; amounts that are
// not set are left out.
func (a ResourceAmounts) ResourceList() corev1.ResourceList {
	list := corev1.ResourceList{}
	if a.CPU != nil {
		list[corev1.ResourceCPU] = *a.CPU
	}
	if a.Memory != nil {
		list[corev1.ResourceMemory] = *a.Memory
	}
	return list
}
