// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A StackReceipt proves that a stack is gone: what was looked through, what was
// removed, how long it took, what it had cost. Nothing owns it; the provider
// deletes it once it is old enough.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,categories=preview
// +kubebuilder:printcolumn:name="OUTCOME",type="string",JSONPath=".spec.outcome"
// +kubebuilder:printcolumn:name="EVENT",type="string",JSONPath=".spec.event"
// +kubebuilder:printcolumn:name="CLAIM",type="string",JSONPath=".spec.claim.name"
// +kubebuilder:printcolumn:name="REMOVED",type="integer",JSONPath=".spec.removed"
// +kubebuilder:printcolumn:name="LEFT",type="integer",JSONPath=".spec.left"
// +kubebuilder:printcolumn:name="TOOK",type="string",JSONPath=".spec.took"
// +kubebuilder:printcolumn:name="COST",type="string",JSONPath=".spec.cost"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type StackReceipt struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec StackReceiptSpec `json:"spec"`
}

// A StackReceiptList is a list of StackReceipts.
//
// +kubebuilder:object:root=true
type StackReceiptList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StackReceipt `json:"items"`
}

// A ReceiptEvent says what ended.
//
// +kubebuilder:validation:Enum=Retired;Deleted
type ReceiptEvent string

// Receipt events.
const (
	// ReceiptRetired: the stack is gone, its claim is kept.
	ReceiptRetired ReceiptEvent = "Retired"
	// ReceiptDeleted: the stack is gone with its claim.
	ReceiptDeleted ReceiptEvent = "Deleted"
)

// An Outcome says how clean an end was.
//
// +kubebuilder:validation:Enum=Clean;Abandoned
type Outcome string

// Outcomes.
const (
	// OutcomeClean: everything was looked through, and nothing is left.
	OutcomeClean Outcome = "Clean"
	// OutcomeAbandoned: somebody ended the wait; see spec.reason and leftovers.
	OutcomeAbandoned Outcome = "Abandoned"
)

// A StackReceiptSpec says what ended and what became of it. It cannot change.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a receipt cannot change: it says what was found when the stack ended"
type StackReceiptSpec struct {
	// Event: the stack was retired, or deleted.
	Event ReceiptEvent `json:"event"`

	// Outcome of it.
	Outcome Outcome `json:"outcome"`

	// Composite that ended.
	Composite OwnerReference `json:"composite"`

	// Claim to it, if it had one.
	// +optional
	Claim *OwnerReference `json:"claim,omitempty"`

	// Namespace of the stack, if it had one.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// Removed counts the objects that were there when the end began.
	Removed int32 `json:"removed"`

	// Left counts what is left. Zero unless the outcome is Abandoned.
	Left int32 `json:"left"`

	// Leftovers name what is left; the first ones only.
	// +optional
	// +listType=atomic
	Leftovers []Leftover `json:"leftovers,omitempty"`

	// Reason that somebody gave for ending the wait.
	// +optional
	Reason string `json:"reason,omitempty"`

	// LookedThrough are the kinds that were listed to find nothing.
	// +listType=atomic
	LookedThrough []Kind `json:"lookedThrough"`

	// NotLookedThrough are kinds that could not be listed, and why, such as a
	// kind that the cluster no longer serves. An outcome with any that the
	// provider may not list is never Clean.
	// +optional
	// +listType=atomic
	NotLookedThrough []Unseen `json:"notLookedThrough,omitempty"`

	// ActiveFrom, EndedAt and GoneAt are points in time: the stack became
	// active, was no longer wanted, was seen to be gone.
	// +optional
	ActiveFrom *metav1.Time `json:"activeFrom,omitempty"`
	// +optional
	EndedAt *metav1.Time `json:"endedAt,omitempty"`
	GoneAt  metav1.Time  `json:"goneAt"`

	// Took is the time from EndedAt to GoneAt. Example: 6s
	// +optional
	Took string `json:"took,omitempty"`

	// Cost of the time it was active, with its currency. Example: 0.35 EUR
	// +optional
	Cost string `json:"cost,omitempty"`

	// DeleteAt is when the provider deletes this receipt.
	// +optional
	DeleteAt *metav1.Time `json:"deleteAt,omitempty"`
}

// An Unseen kind could not be looked through.
type Unseen struct {
	Kind `json:",inline"`
	// Why not.
	Why string `json:"why"`
}
