// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
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
	// +kubebuilder:default={ttl: "4h", maxTTL: "72h"}
	Lifecycle ClassLifecycle `json:"lifecycle,omitempty"`

	// Sleep of stacks that nobody uses.
	// +optional
	Sleep ClassSleep `json:"sleep,omitempty"`

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
