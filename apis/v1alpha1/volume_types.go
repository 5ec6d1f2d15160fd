// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/api/resource"
)

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
