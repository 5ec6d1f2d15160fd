// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A PreviewClass is the platform team's side of every stack that names it:
// where its URLs are, what it may use and cost, and which walls stand.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=preview
// +kubebuilder:printcolumn:name="DOMAIN",type="string",JSONPath=".spec.domain"
// +kubebuilder:printcolumn:name="DEFAULT",type="string",JSONPath=`.metadata.labels.microstaging\.dev/default-class`
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type PreviewClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec PreviewClassSpec `json:"spec"`
}

// A PreviewClassList is a list of PreviewClasses.
//
// +kubebuilder:object:root=true
type PreviewClassList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PreviewClass `json:"items"`
}

// A PreviewClassSpec holds the rules and defaults of a class.
type PreviewClassSpec struct {
	// AllowedClaims says whose claims may use this class. Default: all
	// +optional
	AllowedClaims AllowedClaims `json:"allowedClaims,omitempty"`

	// Domain all URLs are under; a wildcard DNS record and, for HTTPS, a
	// wildcard certificate cover it. Example: preview.example.com
	// +kubebuilder:validation:MaxLength=180
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9]([-a-z0-9]*[a-z0-9])?[.])*[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="domain cannot be used: write a DNS name without protocol, port or wildcard, for example \"preview.example.com\"",messageExpression="'domain is \"' + self + '\": write a DNS name without protocol, port or wildcard, for example \"preview.example.com\"'"
	Domain string `json:"domain"`

	// HostTemplate makes the one DNS label before the domain out of {service},
	// {claim}, {hash5} and {pr}. Default: {service}-{claim}-{hash5}
	// +optional
	// +kubebuilder:default="{service}-{claim}-{hash5}"
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="self.contains('{service}') && (self.contains('{hash5}') || self.contains('{claim}'))",message="hostTemplate cannot be used: it needs {service}, and {hash5} or {claim}, or two stacks would share a host; for example \"{service}-{claim}-{hash5}\"",messageExpression="'hostTemplate is \"' + self + '\": it needs {service}, and {hash5} or {claim}, or two stacks would share a host; for example \"{service}-{claim}-{hash5}\"'"
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-z0-9]|[{](service|claim|hash5|pr)[}])(([a-z0-9-]|[{](service|claim|hash5|pr)[}])*([a-z0-9]|[{](service|claim|hash5|pr)[}]))?$')",message="hostTemplate cannot be used: it makes one DNS label, because a wildcard certificate covers one; use lower-case letters, digits, hyphens, {service}, {claim}, {hash5} and {pr}, and leave out dots and the domain",messageExpression="'hostTemplate is \"' + self + '\": it makes one DNS label, because a wildcard certificate covers one; use lower-case letters, digits, hyphens, {service}, {claim}, {hash5} and {pr}, and leave out dots and the domain'"
	HostTemplate string `json:"hostTemplate,omitempty"`

	// Gateway that exposes services. Default: none, exposure is refused.
	// +optional
	Gateway *Gateway `json:"gateway,omitempty"`

	// Auth on URLs.
	// +optional
	Auth Auth `json:"auth,omitempty"`

	// Access of people to the namespace.
	// +optional
	Access Access `json:"access,omitempty"`

	// Limits of one stack.
	// +optional
	Limits Limits `json:"limits,omitempty"`

	// Defaults of one container.
	// +optional
	Defaults ContainerDefaults `json:"defaults,omitempty"`

	// Lifecycle bounds and defaults.
	// +optional
	Lifecycle ClassLifecycle `json:"lifecycle,omitempty"`

	// Prices per hour, for the cost shown in status. Default: no cost shown
	// +optional
	Prices *Prices `json:"prices,omitempty"`

	// Storage of volumes.
	// +optional
	Storage Storage `json:"storage,omitempty"`

	// PodSecurity of the namespace.
	// +optional
	PodSecurity PodSecurity `json:"podSecurity,omitempty"`

	// Egress that claims may open.
	// +optional
	Egress ClassEgress `json:"egress,omitempty"`

	// Mocks: the images of the mock engines.
	// +optional
	Mocks MockImages `json:"mocks,omitempty"`

	// Secrets that claims may use.
	// +optional
	Secrets ClassSecrets `json:"secrets,omitempty"`

	// Manifests that blueprints may bring.
	// +optional
	Manifests ClassManifests `json:"manifests,omitempty"`

	// Target: the cluster that stacks run in. A live stack stays where it is.
	// +optional
	// +kubebuilder:default={mode: Direct}
	Target Target `json:"target,omitempty"`

	// ImagePullSecrets are names of Secrets that the platform provides in
	// every preview namespace (for example by a cluster-wide secret syncer).
	// +optional
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`

	// Links shown in status.links, keyed by title. {namespace}, {claim} and
	// {revision} are filled in.
	// Example: {Logs: "https://logs.example.com/?ns={namespace}"}
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[ -~]{1,60}$'))",message="links has a title that cannot be used: use at most 60 plain characters, for example Logs",messageExpression="'links has the title \"' + self.filter(k, !(k.matches('^[ -~]{1,60}$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use at most 60 plain characters, for example Logs'"
	Links map[string]LinkTemplate `json:"links,omitempty"`
}

// A LinkTemplate is a URL with {namespace}, {claim} and {revision}.
//
// +kubebuilder:validation:MaxLength=1024
// +kubebuilder:validation:XValidation:rule="self.matches('^https?://[!-~]+$')",message="link cannot be used: write a URL that starts with https:// or http://, for example \"https://logs.example.com/?ns={namespace}\"",messageExpression="'link is \"' + self + '\": write a URL that starts with https:// or http://, for example \"https://logs.example.com/?ns={namespace}\"'"
type LinkTemplate string

// AllowedClaims says whose claims may use a class. An empty list allows all.
type AllowedClaims struct {
	// Namespaces of the claims; * stands for any characters.
	// Example: ["team-*"]
	// +optional
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=set
	Namespaces []string `json:"namespaces,omitempty"`

	// Repositories (spec.source.repository); * stands for any characters.
	// Example: ["acme/*"]
	// +optional
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=200
	// +listType=set
	Repositories []string `json:"repositories,omitempty"`
}

// A GatewayKind is the API that exposes services.
//
// +kubebuilder:validation:Enum=HTTPRoute;Ingress
type GatewayKind string

// Gateway kinds.
const (
	GatewayHTTPRoute GatewayKind = "HTTPRoute"
	GatewayIngress   GatewayKind = "Ingress"
)

// A Scheme is the protocol of URLs.
//
// +kubebuilder:validation:Enum=https;http
type Scheme string

// A Gateway exposes services.
//
// +kubebuilder:validation:XValidation:rule="self.kind != 'HTTPRoute' || has(self.parentRef)",message="gateway.parentRef is missing: kind HTTPRoute needs the Gateway to attach to, for example {namespace: gateway-system, name: preview}"
// +kubebuilder:validation:XValidation:rule="self.kind != 'Ingress' || has(self.ingressClassName)",message="gateway.ingressClassName is missing: kind Ingress needs the ingress class, for example nginx"
// +kubebuilder:validation:XValidation:rule="self.kind != 'Ingress' || has(self.__namespace__)",message="gateway.namespace is missing: kind Ingress needs the namespace that the ingress controller's pods run in, for example ingress-nginx, or network policies would keep it out"
type Gateway struct {
	// Kind of object made for an exposed service. Default: HTTPRoute
	// +optional
	// +kubebuilder:default=HTTPRoute
	Kind GatewayKind `json:"kind,omitempty"`

	// ParentRef names the Gateway that HTTPRoutes attach to.
	// +optional
	ParentRef *GatewayReference `json:"parentRef,omitempty"`

	// IngressClassName of Ingresses. Example: nginx
	// +optional
	// +kubebuilder:validation:MaxLength=253
	IngressClassName string `json:"ingressClassName,omitempty"`

	// Annotations put on every HTTPRoute or Ingress.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$') && self[k].size() <= 4096)",message="annotations has a key that Kubernetes refuses, or a value of more than 4096 characters: write keys such as example.com/timeout"
	Annotations map[string]string `json:"annotations,omitempty"`

	// Scheme of URLs. Default: https
	// +optional
	// +kubebuilder:default=https
	Scheme Scheme `json:"scheme,omitempty"`

	// Port of URLs, where it is not the scheme's own.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// Namespace the gateway's pods run in: network policies open exposed
	// ports to it. Required for kind Ingress. Default: parentRef.namespace
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
}

// A GatewayReference names a Gateway, and optionally one of its listeners.
type GatewayReference struct {
	// Namespace of the Gateway.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`

	// Name of the Gateway.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// SectionName of the listener. Default: all listeners that fit
	// +optional
	// +kubebuilder:validation:MaxLength=253
	SectionName string `json:"sectionName,omitempty"`
}

// Auth on URLs.
type Auth struct {
	// Mode of a URL that does not say: OIDC, or None (anybody who reaches the
	// gateway). Default: OIDC
	// +optional
	// +kubebuilder:default=OIDC
	Mode AuthMode `json:"mode,omitempty"`

	// AllowNone lets a claim open a URL with expose.auth: None. Default: false
	// +optional
	AllowNone bool `json:"allowNone,omitempty"`

	// OIDC is how the gateway asks who it is. Without it, URLs with auth OIDC
	// are refused rather than opened.
	// +optional
	OIDC *OIDC `json:"oidc,omitempty"`
}

// OIDC is put in front of a URL by what the gateway understands.
//
// +kubebuilder:validation:XValidation:rule="has(self.extensionRef) || has(self.annotations)",message="auth.oidc is empty: set extensionRef (a filter for HTTPRoutes, such as a Traefik Middleware) or annotations (for Ingresses)"
type OIDC struct {
	// ExtensionRef is a filter object that every HTTPRoute refers to. It must
	// exist in each preview namespace, or the gateway allow the reference.
	// +optional
	ExtensionRef *ExtensionReference `json:"extensionRef,omitempty"`

	// Annotations put on the Ingress or HTTPRoute of a URL with OIDC.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$') && self[k].size() <= 4096)",message="annotations has a key that Kubernetes refuses, or a value of more than 4096 characters: write keys such as example.com/timeout"
	Annotations map[string]string `json:"annotations,omitempty"`
}

// An ExtensionReference names a filter object of the gateway.
type ExtensionReference struct {
	// Group of the kind. Example: traefik.io
	// +kubebuilder:validation:MaxLength=253
	Group string `json:"group"`
	// Kind. Example: Middleware
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
	// Name.
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Access of people to the namespace of a stack.
type Access struct {
	// Groups that may read objects and logs, exec and port-forward. The names
	// are those of the cluster's authentication. Example: [team-shop]
	// +optional
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	Groups []string `json:"groups,omitempty"`
}

// Limits of one stack. What is not set is not limited, but for the defaults.
type Limits struct {
	// CPU: the sum of the containers' limits, in cores. Default: 8
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="limits.cpu is not an amount above zero: write an amount such as \"8\""
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory: the sum of the containers' limits. Default: 16Gi
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="limits.memory is not an amount above zero: write an amount such as \"16Gi\""
	Memory *resource.Quantity `json:"memory,omitempty"`

	// Storage: the sum of the volumes' sizes. Default: 50Gi
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="limits.storage is not an amount above zero: write an amount such as \"50Gi\""
	Storage *resource.Quantity `json:"storage,omitempty"`

	// Pods at once, with room for a roll-out. Default: 50
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	Pods *int32 `json:"pods,omitempty"`
}

// ContainerDefaults are the resources of a container that names none.
type ContainerDefaults struct {
	// Requests. Default: {cpu: 50m, memory: 128Mi}
	// +optional
	Requests ResourceAmounts `json:"requests,omitempty"`

	// Limits. Default: {cpu: 500m, memory: 512Mi}
	// +optional
	Limits ResourceAmounts `json:"limits,omitempty"`
}

// ClassLifecycle bounds and defaults the life of a stack.
//
// +kubebuilder:validation:XValidation:rule="!(self.ttl.matches('^([0-9]{1,5}(h|m|s))+$') && self.maxTTL.matches('^([0-9]{1,5}(h|m|s))+$')) || duration(self.ttl) <= duration(self.maxTTL)",message="lifecycle.ttl is longer than lifecycle.maxTTL: lower ttl, or raise maxTTL",messageExpression="'lifecycle.ttl is ' + self.ttl + ', longer than lifecycle.maxTTL, which is ' + self.maxTTL + ': lower ttl, or raise maxTTL'"
type ClassLifecycle struct {
	// TTL of a stack that names none. Default: 4h
	// +optional
	// +kubebuilder:default="4h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="ttl is not a duration: write hours or minutes, for example \"4h\"",messageExpression="'ttl is \"' + self + '\", which is not a duration: write hours or minutes, for example \"4h\"'"
	TTL string `json:"ttl,omitempty"`

	// MaxTTL that a claim may ask for. Default: 72h
	// +optional
	// +kubebuilder:default="72h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="maxTTL is not a duration: write hours, for example \"72h\"",messageExpression="'maxTTL is \"' + self + '\", which is not a duration: write hours, for example \"72h\"'"
	MaxTTL string `json:"maxTTL,omitempty"`

	// AllowNever lets a claim ask for ttl: Never. Default: false
	// +optional
	AllowNever bool `json:"allowNever,omitempty"`

	// CloseGrace of a stack that names none. Default: 30m
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="closeGrace is not a duration: write hours or minutes, for example \"30m\"",messageExpression="'closeGrace is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\"'"
	CloseGrace string `json:"closeGrace,omitempty"`
}

// Prices per hour of what a stack reserves, as decimal numbers.
type Prices struct {
	// Currency shown behind amounts. Example: EUR
	// +optional
	// +kubebuilder:default=USD
	// +kubebuilder:validation:MaxLength=8
	Currency string `json:"currency,omitempty"`

	// CPU: one core for an hour. Example: "0.031"
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : isQuantity(self) && !quantity(self).isLessThan(quantity('0'))",message="prices.cpu is not an amount of zero or more: write an amount such as \"0.031\""
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory: one GiB for an hour. Example: "0.004"
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : isQuantity(self) && !quantity(self).isLessThan(quantity('0'))",message="prices.memory is not an amount of zero or more: write an amount such as \"0.004\""
	Memory *resource.Quantity `json:"memory,omitempty"`

	// Storage: one GiB for an hour. Example: "0.00014"
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : isQuantity(self) && !quantity(self).isLessThan(quantity('0'))",message="prices.storage is not an amount of zero or more: write an amount such as \"0.00014\""
	Storage *resource.Quantity `json:"storage,omitempty"`

	// Database: one branch for an hour. Example: "0.01"
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self >= 0 : isQuantity(self) && !quantity(self).isLessThan(quantity('0'))",message="prices.database is not an amount of zero or more: write an amount such as \"0.01\""
	Database *resource.Quantity `json:"database,omitempty"`
}

// Storage of volumes.
type Storage struct {
	// Class: the StorageClass of volumes. Default: the cluster's default
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Class string `json:"class,omitempty"`

	// SnapshotClass: the VolumeSnapshotClass of golden snapshots.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	SnapshotClass string `json:"snapshotClass,omitempty"`

	// Goldens are snapshots that claims may start volumes from, by name.
	// +optional
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'))",message="goldens has a name that cannot be used: use lower-case letters, digits and hyphens, at most 63 characters, for example uploads",messageExpression="'goldens has the name \"' + self.filter(k, !(k.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, at most 63 characters, for example uploads'"
	Goldens map[string]GoldenSnapshot `json:"goldens,omitempty"`
}

// A GoldenSnapshot is a snapshot that the storage system keeps.
type GoldenSnapshot struct {
	// Driver: the CSI driver's name. Example: ebs.csi.aws.com
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Driver string `json:"driver"`

	// Handle of the snapshot within the driver. Example: snap-0a1b2c3d
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Handle string `json:"handle"`

	// Size a volume from it has at least. Example: 20Gi
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="size is not an amount above zero: write an amount such as \"20Gi\""
	Size resource.Quantity `json:"size"`
}

// A PodSecurityLevel is a level of the Pod Security Standards.
//
// +kubebuilder:validation:Enum=Restricted;Baseline
type PodSecurityLevel string

// Pod security levels.
const (
	PodSecurityRestricted PodSecurityLevel = "Restricted"
	PodSecurityBaseline   PodSecurityLevel = "Baseline"
)

// PodSecurity of the namespace.
type PodSecurity struct {
	// Level that the namespace enforces. Baseline lets images run as root.
	// Default: Restricted
	// +optional
	// +kubebuilder:default=Restricted
	Level PodSecurityLevel `json:"level,omitempty"`

	// DefaultRunAsUser of containers that name none. Default: the image's
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	DefaultRunAsUser *int64 `json:"defaultRunAsUser,omitempty"`
}

// EgressHosts says what enforces egress by host name, which a NetworkPolicy
// cannot.
//
// +kubebuilder:validation:Enum=Refuse;Cilium
type EgressHosts string

// Ways to enforce egress by host name.
const (
	// EgressHostsRefuse refuses claims with egress by host.
	EgressHostsRefuse EgressHosts = "Refuse"
	// EgressHostsCilium makes a CiliumNetworkPolicy with toFQDNs.
	EgressHostsCilium EgressHosts = "Cilium"
)

// ClassEgress says which ways out claims may open.
type ClassEgress struct {
	// AllowedCIDRs that egress.NAME.cidr must lie within. Default: none
	// +optional
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=43
	// +kubebuilder:validation:XValidation:rule="self.all(v, isCIDR(v))",message="allowedCIDRs has one that cannot be used: write an address range, for example \"203.0.113.0/24\"",messageExpression="'allowedCIDRs has \"' + self.filter(v, !(isCIDR(v)))[0] + '\": write an address range, for example \"203.0.113.0/24\"'"
	// +listType=set
	AllowedCIDRs []string `json:"allowedCIDRs,omitempty"`

	// Hosts: what enforces egress by host name. Default: Refuse
	// +optional
	// +kubebuilder:default=Refuse
	Hosts EgressHosts `json:"hosts,omitempty"`

	// Always is opened for every stack, such as the database branch server.
	// +optional
	// +kubebuilder:validation:MaxItems=10
	// +listType=atomic
	Always []Egress `json:"always,omitempty"`
}

// MockImages are the images of the mock engines.
type MockImages struct {
	// WireMock. Default: docker.io/wiremock/wiremock:3.13.2
	// +optional
	// +kubebuilder:default="docker.io/wiremock/wiremock:3.13.2"
	// +kubebuilder:validation:MaxLength=512
	WireMock string `json:"wireMock,omitempty"`
	// Hoverfly. Default: docker.io/spectolabs/hoverfly:v1.10.5
	// +optional
	// +kubebuilder:default="docker.io/spectolabs/hoverfly:v1.10.5"
	// +kubebuilder:validation:MaxLength=512
	Hoverfly string `json:"hoverfly,omitempty"`
	// OpenAPI: Prism. Default: docker.io/stoplight/prism:5
	// +optional
	// +kubebuilder:default="docker.io/stoplight/prism:5"
	// +kubebuilder:validation:MaxLength=512
	OpenAPI string `json:"openAPI,omitempty"`
}

// ClassSecrets says which secret stores claims may use.
type ClassSecrets struct {
	// Stores: names of ClusterSecretStores. Default: none
	// +optional
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	Stores []string `json:"stores,omitempty"`
}

// ClassManifests says which objects blueprints may bring.
type ClassManifests struct {
	// AllowedKinds of manifests. Default: none. Crossplane needs RBAC for them.
	// +optional
	// +kubebuilder:validation:MaxItems=30
	// +listType=atomic
	AllowedKinds []AllowedKind `json:"allowedKinds,omitempty"`
}

// An AllowedKind is a kind that manifests may have.
type AllowedKind struct {
	// APIVersion. Example: batch/v1
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	APIVersion string `json:"apiVersion"`
	// Kind. Example: CronJob
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
}

// A TargetMode says how objects reach their cluster.
//
// +kubebuilder:validation:Enum=Direct;Objects
type TargetMode string

// Target modes.
const (
	// TargetDirect composes objects into Crossplane's own cluster.
	TargetDirect TargetMode = "Direct"
	// TargetObjects wraps each in an Object of provider-kubernetes.
	TargetObjects TargetMode = "Objects"
)

// A Target is the cluster that stacks run in.
//
// +kubebuilder:validation:XValidation:rule="self.mode != 'Objects' || has(self.providerConfigRef)",message="target.providerConfigRef is missing: mode Objects needs the provider-kubernetes ProviderConfig of the cluster to run in, for example {name: preview-cluster}"
type Target struct {
	// Mode. Default: Direct
	// +optional
	// +kubebuilder:default=Direct
	Mode TargetMode `json:"mode,omitempty"`

	// ProviderConfigRef names the ProviderConfig of provider-kubernetes.
	// +optional
	ProviderConfigRef *NameReference `json:"providerConfigRef,omitempty"`
}
