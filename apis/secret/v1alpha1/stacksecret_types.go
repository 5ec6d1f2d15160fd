// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// KeyValue is the key of a generated value.
const KeyValue = "value"

// A StackSecret is one Secret in a preview namespace: generated, or copied
// from the claim's namespace. Stacks compose it; the provider writes the
// Secret, so that no value passes through a function or a composite.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,preview}
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type StackSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec StackSecretSpec `json:"spec"`
	// +optional
	Status StackSecretStatus `json:"status,omitempty"`
}

// A StackSecretList is a list of StackSecrets.
//
// +kubebuilder:object:root=true
type StackSecretList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StackSecret `json:"items"`
}

// A StackSecretSpec says where the value comes from and where it goes.
type StackSecretSpec struct {
	xpv2.ClusterManagedResourceSpec `json:",inline"`
	// ForProvider is what the Secret should be.
	ForProvider StackSecretParameters `json:"forProvider"`
}

// StackSecretParameters describe the Secret.
//
// +kubebuilder:validation:XValidation:rule="has(self.generate) != has(self.copyFrom)",message="set exactly one of generate and copyFrom"
type StackSecretParameters struct {
	// Generate makes a random value under the key "value".
	// +optional
	Generate *Generate `json:"generate,omitempty"`

	// CopyFrom copies all keys of a Secret in the claim's namespace.
	// +optional
	CopyFrom *SecretReference `json:"copyFrom,omitempty"`
}

// Generate describes a random value.
type Generate struct {
	// Length in characters (letters and digits).
	// +kubebuilder:validation:Minimum=16
	// +kubebuilder:validation:Maximum=128
	Length int32 `json:"length"`
}

// A SecretReference names a Secret.
type SecretReference struct {
	// Namespace of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`
	// Name of the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// A StackSecretStatus says where the Secret stands.
type StackSecretStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`

	// CredentialsVersion counts rotations; pods are rolled when it moves.
	// +optional
	CredentialsVersion int64 `json:"credentialsVersion,omitempty"`
}
