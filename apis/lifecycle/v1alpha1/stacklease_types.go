// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A StackLease keeps the time of one composite. function-ttl composes it and
// writes the deadline; the provider says when it is due, warns ahead of it, and
// deletes claims that want to be deleted. Its own deletion is the last of a
// stack: it ends only once nothing of the stack is left, and leaves a receipt.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,preview}
// +kubebuilder:printcolumn:name="DEADLINE",type="string",JSONPath=".spec.deadline"
// +kubebuilder:printcolumn:name="STATE",type="string",JSONPath=".spec.state"
// +kubebuilder:printcolumn:name="DUE",type="boolean",JSONPath=".status.due"
// +kubebuilder:printcolumn:name="LEFT",type="integer",JSONPath=".status.left"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type StackLease struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec StackLeaseSpec `json:"spec"`
	// +optional
	Status StackLeaseStatus `json:"status,omitempty"`
}

// A StackLeaseList is a list of StackLeases.
//
// +kubebuilder:object:root=true
type StackLeaseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StackLease `json:"items"`
}

// A LeaseState is what function-ttl wants of a stack.
//
// +kubebuilder:validation:Enum=Active;Retired
type LeaseState string

// Lease states.
const (
	// LeaseActive: the stack is wanted.
	LeaseActive LeaseState = "Active"
	// LeaseRetired: nothing of the stack is wanted but its lease and report.
	LeaseRetired LeaseState = "Retired"
)

// An EndAction says what happens to the claim at the deadline.
//
// +kubebuilder:validation:Enum=Retire;Delete
type EndAction string

// End actions.
const (
	// EndRetire keeps the claim as a tombstone.
	EndRetire EndAction = "Retire"
	// EndDelete deletes it, DeleteAfter the deadline.
	EndDelete EndAction = "Delete"
)

// A StackLeaseSpec says whose time is kept, until when, and how it ends.
type StackLeaseSpec struct {
	// Composite whose life this is.
	Composite OwnerReference `json:"composite"`

	// Claim to the composite. Default: none, the composite is deleted itself.
	// +optional
	Claim *OwnerReference `json:"claim,omitempty"`

	// State that function-ttl wants.
	// +kubebuilder:default=Active
	State LeaseState `json:"state"`

	// Deadline of the stack, RFC 3339. Default: it never is due.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`

	// WarnBefore the deadline by an event. Default: no event.
	// +optional
	WarnBefore *metav1.Duration `json:"warnBefore,omitempty"`

	// OnExpire: Retire keeps the claim, Delete removes it. Default: Retire
	// +kubebuilder:default=Retire
	OnExpire EndAction `json:"onExpire"`

	// DeleteAfter the deadline, with onExpire Delete. Until then an extension
	// brings the stack back. Default: 0s
	// +optional
	DeleteAfter *metav1.Duration `json:"deleteAfter,omitempty"`

	// DeleteTracked deletes a claim although a living Argo CD Application
	// tracks it, and would make it anew. Default: false
	// +optional
	DeleteTracked bool `json:"deleteTracked,omitempty"`

	// DryRun says what would be deleted, and deletes nothing. Default: false
	// +optional
	DryRun bool `json:"dryRun,omitempty"`

	// Composed counts the resources that there were when the stack was retired,
	// besides those that outlast it. Set with state Retired.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Composed *int32 `json:"composed,omitempty"`

	// Cost per hour while the stack is active, as a decimal number.
	// Example: "0.087"
	// +optional
	// +kubebuilder:validation:MaxLength=32
	CostHourly string `json:"costHourly,omitempty"`

	// Currency of it. Example: EUR
	// +optional
	// +kubebuilder:validation:MaxLength=8
	Currency string `json:"currency,omitempty"`

	// Traces say what belongs to the stack, so that what is left can be found.
	Traces Traces `json:"traces"`

	// KeepReceipts this long after the end. Default: 168h
	// +optional
	KeepReceipts *metav1.Duration `json:"keepReceipts,omitempty"`
}

// An OwnerReference names one object, and no later one of the same name.
type OwnerReference struct {
	// APIVersion. Example: microstaging.dev/v1alpha1
	APIVersion string `json:"apiVersion"`
	// Kind. Example: PreviewStack
	Kind string `json:"kind"`
	// Namespace, of a claim.
	// +optional
	Namespace string `json:"namespace,omitempty"`
	// Name of the object.
	Name string `json:"name"`
	// UID of the object. A composite does not know its claim's: there it is
	// empty, and the claim is the one that refers to the composite.
	// +optional
	UID string `json:"uid,omitempty"`
}

// Traces say by what the objects of a stack are known.
type Traces struct {
	// Namespace of the stack; all in it is of the stack, and so are volumes that
	// were claimed in it. Default: the stack has none
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// Labels: an object with any one of them is of the stack.
	// Example: {crossplane.io/composite: shop-pr-402-x7k2p}
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	Labels map[string]string `json:"labels"`

	// Kinds that are looked through, sorted: those that were ever composed.
	// +optional
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=apiVersion
	// +listMapKey=kind
	Kinds []Kind `json:"kinds,omitempty"`
}

// A Kind of objects.
type Kind struct {
	// APIVersion. Example: apps/v1
	// +kubebuilder:validation:MaxLength=253
	APIVersion string `json:"apiVersion"`
	// Kind. Example: Deployment
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
}

// A StackLeaseStatus is what the provider says.
type StackLeaseStatus struct {
	xpv2.ConditionedStatus `json:",inline"`

	// ObservedDeadline is the deadline that the provider keeps. Until it is
	// spec.deadline, Due speaks of an earlier one.
	// +optional
	ObservedDeadline *metav1.Time `json:"observedDeadline,omitempty"`

	// Due: the observed deadline has passed, by the one clock that counts.
	// +optional
	Due bool `json:"due,omitempty"`

	// DueSince is when it became due: later than the deadline when it was held.
	// +optional
	DueSince *metav1.Time `json:"dueSince,omitempty"`

	// WarnedFor is the deadline that was last warned of.
	// +optional
	WarnedFor *metav1.Time `json:"warnedFor,omitempty"`

	// Found counts what was there when the provider began to look.
	// +optional
	Found *int32 `json:"found,omitempty"`

	// Left counts what is left of the stack while it is being removed.
	// +optional
	Left *int32 `json:"left,omitempty"`

	// Leftovers name what is left and why it is not gone; the first ones only.
	// +optional
	// +kubebuilder:validation:MaxItems=20
	// +listType=atomic
	Leftovers []Leftover `json:"leftovers,omitempty"`

	// Since when the provider has looked for what is left.
	// +optional
	RemovingSince *metav1.Time `json:"removingSince,omitempty"`

	// Receipt of the last end: the name of a StackReceipt. It is empty again
	// once the stack is active.
	// +optional
	Receipt string `json:"receipt,omitempty"`

	// ActiveSince is when the stack was first, or last again, active.
	// +optional
	ActiveSince *metav1.Time `json:"activeSince,omitempty"`
}

// A Leftover is an object that should be gone.
type Leftover struct {
	// APIVersion and Kind of it.
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Namespace of it, if it has one.
	// +optional
	Namespace string `json:"namespace,omitempty"`
	// Name of it.
	Name string `json:"name"`
	// Why it is not gone, in words: the finalizer that holds it and whose that
	// is, or that nobody asked it to go.
	// +optional
	Why string `json:"why,omitempty"`
}

// Condition types of a StackLease, besides Ready and Synced.
const (
	// ConditionHeld is true while the lease is overdue and is kept from being
	// due: too many at once, or a clock that cannot be trusted.
	ConditionHeld = "Held"
	// ConditionReaped tells how far the deletion of the claim is.
	ConditionReaped = "Reaped"
	// ConditionGone is true when nothing is left of a stack that ended.
	ConditionGone = "Gone"
)

// Reasons of a StackLease's conditions. docs/messages.md explains each.
const (
	// ReasonKept: the deadline is kept.
	ReasonKept = "Kept"
	// ReasonTooManyAtOnce: the brake holds what would end too many at once.
	ReasonTooManyAtOnce = "TooManyAtOnce"
	// ReasonClockSkew: this clock and the API server's differ.
	ReasonClockSkew = "ClockSkew"
	// ReasonOnTime: nothing is held.
	ReasonOnTime = "OnTime"
	// ReasonTracked: a living Argo CD Application would make the claim anew.
	ReasonTracked = "Tracked"
	// ReasonDryRun: the claim would be deleted now.
	ReasonDryRun = "DryRun"
	// ReasonWaitingForGrace: the claim is deleted once DeleteAfter is over.
	ReasonWaitingForGrace = "WaitingForGrace"
	// ReasonWaitingForTurn: other claims are deleted first.
	ReasonWaitingForTurn = "WaitingForTurn"
	// ReasonReplaced: the claim or composite is another object of the same
	// name, so it is not deleted.
	ReasonReplaced = "Replaced"
	// ReasonDeleting: the claim has been deleted and is going.
	ReasonDeleting = "Deleting"
	// ReasonLeftovers: something is left; the message says what and why.
	ReasonLeftovers = "Leftovers"
	// ReasonNothingLeft: the receipt says that nothing is left.
	ReasonNothingLeft = "NothingLeft"
	// ReasonAbandoned: somebody ended the wait by the abandon annotation.
	ReasonAbandoned = "Abandoned"
	// ReasonInUse: the stack is active.
	ReasonInUse = "InUse"
)

// FinalizerReceipt keeps a lease until nothing of its stack is left.
const FinalizerReceipt = "lifecycle.microstaging.dev/receipt"

// AnnotationAbandon on a lease ends it although something is left; its value
// says why, and the receipt keeps it and lists what is left.
const AnnotationAbandon = "lifecycle.microstaging.dev/abandon"
