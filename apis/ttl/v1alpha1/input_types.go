// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An Input tells function-ttl how long composites of one kind live, where they
// say so themselves, and what follows from it. The function works for any
// composite: nothing in it knows preview stacks.
//
// Field paths are Crossplane's, such as spec.lifecycle.ttl or
// metadata.annotations[example.com/expires-at].
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:categories=crossplane
// +kubebuilder:storageversion
type Input struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Lifetime of a composite where nothing else says. What the context says
	// replaces it member by member.
	// +optional
	Lifetime Lifetime `json:"lifetime,omitempty"`

	// LifetimeFromContext is the key of the pipeline's context under which an
	// earlier function leaves a Lifetime, such as one that merged defaults and
	// bounds. Example: microstaging.dev/lifetime
	// +optional
	LifetimeFromContext string `json:"lifetimeFromContext,omitempty"`

	// TTLFieldPath of the composite's own wish, which the bounds hold.
	// Example: spec.ttl
	// +optional
	TTLFieldPath string `json:"ttlFieldPath,omitempty"`

	// RevisionFieldPath of what counts as activity when it changes, such as a
	// commit. Default: only the composite's creation does
	// Example: spec.source.revision
	// +optional
	RevisionFieldPath string `json:"revisionFieldPath,omitempty"`

	// Annotations by which people command; they are copied from claims.
	// +optional
	Annotations Annotations `json:"annotations,omitempty"`

	// Report is a composed resource that knows the pull request.
	// +optional
	Report *Report `json:"report,omitempty"`

	// Status of the composite that the function writes. Its definition must
	// have these fields, or they are lost and with them the memory of activity.
	// +optional
	Status Status `json:"status,omitempty"`

	// Lease to compose. Default: none, the function's own clock counts.
	// +optional
	Lease *Lease `json:"lease,omitempty"`

	// Keep lists keys of composed resources that stay when the rest is retired,
	// besides the lease. Example: [report]
	// +optional
	// +kubebuilder:validation:MaxItems=20
	// +listType=set
	Keep []string `json:"keep,omitempty"`

	// DeadlineTo copies the deadline into desired resources, RFC 3339.
	// +optional
	// +kubebuilder:validation:MaxItems=20
	// +listType=atomic
	DeadlineTo []DeadlineTarget `json:"deadlineTo,omitempty"`
}

// A Lifetime bounds a life. Durations are hours, minutes and seconds.
type Lifetime struct {
	// TTL from the last activity; Never only with allowNever. Default: 4h
	// +optional
	TTL string `json:"ttl,omitempty"`
	// MaxTTL that a composite may ask for, and that one extension may add.
	// Default: 72h
	// +optional
	MaxTTL string `json:"maxTTL,omitempty"`
	// AllowNever lets ttl be Never. Default: false
	// +optional
	AllowNever bool `json:"allowNever,omitempty"`
	// MaxPin is how long a pin holds. Default: 168h
	// +optional
	MaxPin string `json:"maxPin,omitempty"`
	// RenewOnPush: a new revision is activity. Default: true
	// +optional
	RenewOnPush *bool `json:"renewOnPush,omitempty"`
	// CloseGrace from the pull request's close to the end. Default: 30m
	// +optional
	CloseGrace string `json:"closeGrace,omitempty"`
	// WarnBefore the deadline. Default: 30m
	// +optional
	WarnBefore string `json:"warnBefore,omitempty"`
	// OnExpire: Retire keeps the claim, Delete removes it. Default: Retire
	// +optional
	// +kubebuilder:validation:Enum=Retire;Delete
	OnExpire string `json:"onExpire,omitempty"`
	// DeleteAfter the deadline, with onExpire Delete. Default: 24h
	// +optional
	DeleteAfter string `json:"deleteAfter,omitempty"`
	// DeleteTracked deletes claims that a living Argo CD Application tracks.
	// Default: false
	// +optional
	DeleteTracked bool `json:"deleteTracked,omitempty"`
	// DryRun deletes no claim, and says which it would. Default: false
	// +optional
	DryRun bool `json:"dryRun,omitempty"`
	// KeepReceipts this long. Default: 168h
	// +optional
	KeepReceipts string `json:"keepReceipts,omitempty"`
}

// Annotations are names of annotations.
type Annotations struct {
	// ExtendUntil holds a time, RFC 3339.
	// Default: microstaging.dev/extend-until
	// +optional
	// +kubebuilder:default="microstaging.dev/extend-until"
	ExtendUntil string `json:"extendUntil,omitempty"`
	// Pinned is "true" to hold the deadline. Default: microstaging.dev/pinned
	// +optional
	// +kubebuilder:default="microstaging.dev/pinned"
	Pinned string `json:"pinned,omitempty"`
	// Recreate has the composite made anew whenever its value changes to
	// another one. Default: microstaging.dev/recreate
	// +optional
	// +kubebuilder:default="microstaging.dev/recreate"
	Recreate string `json:"recreate,omitempty"`
}

// A Report is the composed resource that knows the pull request.
type Report struct {
	// Resource is its key.
	Resource string `json:"resource"`
	// ActivityFieldPath of the time of the newest commit, RFC 3339.
	// Default: status.committedAt
	// +optional
	ActivityFieldPath string `json:"activityFieldPath,omitempty"`
	// OpenFieldPath of whether the pull request is open. Default: status.open
	// +optional
	OpenFieldPath string `json:"openFieldPath,omitempty"`
}

// A Status names fields of the composite's status.
type Status struct {
	// ExpiresAtFieldPath of the deadline. Default: status.expiresAt
	// +optional
	ExpiresAtFieldPath string `json:"expiresAtFieldPath,omitempty"`
	// PhaseFieldPath of a text that becomes Expired, and Provisioning on the
	// way back. Default: none
	// +optional
	PhaseFieldPath string `json:"phaseFieldPath,omitempty"`
	// DetailFieldPath of a text that says why. Default: none
	// +optional
	DetailFieldPath string `json:"detailFieldPath,omitempty"`
	// MemoryFieldPath of an object that the function keeps its memory in.
	// Default: status.lifetime
	// +optional
	MemoryFieldPath string `json:"memoryFieldPath,omitempty"`
}

// A Lease says how the StackLease is composed.
type Lease struct {
	// Resource is its key. Default: lease
	// +optional
	Resource string `json:"resource,omitempty"`
	// NamespaceFieldPath of the namespace that all of a composite is in. It is
	// looked through by the receipt. Default: none
	// Example: status.namespace
	// +optional
	NamespaceFieldPath string `json:"namespaceFieldPath,omitempty"`
	// LabelFieldPaths are labels that its objects carry, besides Crossplane's
	// own, and the fields that their values are in.
	// Example: {example.com/env: status.namespace}
	// +optional
	// +kubebuilder:validation:MaxProperties=7
	LabelFieldPaths map[string]string `json:"labelFieldPaths,omitempty"`
	// CostFieldPath of the hourly cost, and CurrencyFieldPath of its currency.
	// +optional
	CostFieldPath string `json:"costFieldPath,omitempty"`
	// +optional
	CurrencyFieldPath string `json:"currencyFieldPath,omitempty"`
}

// A DeadlineTarget is where a deadline is copied to.
type DeadlineTarget struct {
	// APIVersion of the resources. Default: any
	// +optional
	APIVersion string `json:"apiVersion,omitempty"`
	// Kind of the resources. Example: DatabaseBranch
	Kind string `json:"kind"`
	// FieldPath to write. Example: spec.forProvider.validUntil
	FieldPath string `json:"fieldPath"`
}
