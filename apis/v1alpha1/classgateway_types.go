// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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
