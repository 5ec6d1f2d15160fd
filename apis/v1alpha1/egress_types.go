// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

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
