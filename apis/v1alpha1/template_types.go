// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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
