// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A PreviewBlueprint is a reusable description of a stack. Its spec is
// immutable: a change is a new blueprint of the same series, so that every
// stack is a fresh clone of a known one and none drifts.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=preview
// +kubebuilder:printcolumn:name="SERIES",type="string",JSONPath=".spec.series"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name is longer than 63 characters: stacks carry it as a label; choose a shorter one, for example shop-v3"
type PreviewBlueprint struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="the spec of a blueprint is immutable, because stacks are clones of it: create a new PreviewBlueprint in the same series, for example shop-v4"
	Spec PreviewBlueprintSpec `json:"spec"`
}

// A PreviewBlueprintList is a list of PreviewBlueprints.
//
// +kubebuilder:object:root=true
type PreviewBlueprintList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PreviewBlueprint `json:"items"`
}

// A PreviewBlueprintSpec describes a stack; a claim overrides it field by
// field.
type PreviewBlueprintSpec struct {
	// Series groups the versions of one blueprint. It must also be set as the
	// label microstaging.dev/series, by which stacks find it. Example: shop
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$')",message="series cannot be used: use letters, digits, hyphens, underscores and dots, for example \"shop\"",messageExpression="'series is \"' + self + '\": use letters, digits, hyphens, underscores and dots, for example \"shop\"'"
	Series string `json:"series,omitempty"`

	// Lifecycle that claims of this blueprint start from.
	// +optional
	Lifecycle *Lifecycle `json:"lifecycle,omitempty"`

	// Notes for the person who opens the preview, in plain text.
	// Example: log in as demo / demo
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Notes string `json:"notes,omitempty"`

	StackTemplate `json:",inline"`

	// Manifests are further namespaced objects, keyed by name, of kinds that
	// the class allows (manifests.allowedKinds). Variables are expanded in
	// their strings; the namespace is always the stack's.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="manifests has a name that cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters",messageExpression="'manifests has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters'"
	Manifests map[string]Manifest `json:"manifests,omitempty"`
}

// A Manifest is one Kubernetes object. It is not an embedded resource to the
// API server, which would refuse variables in its labels.
//
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:validation:Type=object
// +kubebuilder:validation:Schemaless
type Manifest struct {
	apiextensionsv1.JSON `json:",inline"`
}
