// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
)

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
