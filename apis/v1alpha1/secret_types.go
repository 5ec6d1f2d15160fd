// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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
