// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ttlv1alpha1 "github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
)

// A Phase is where a stack stands, in one word.
//
// +kubebuilder:validation:Enum=Queued;AwaitingApproval;Provisioning;Ready;Asleep;Expired;Failed
type Phase string

// Phases.
const (
	PhaseQueued           Phase = "Queued"
	PhaseAwaitingApproval Phase = "AwaitingApproval"
	PhaseProvisioning     Phase = "Provisioning"
	PhaseReady            Phase = "Ready"
	PhaseAsleep           Phase = "Asleep"
	PhaseExpired          Phase = "Expired"
	PhaseFailed           Phase = "Failed"
)

// A PreviewStackStatus says where a stack stands. It changes only when
// something changed: it holds points in time, never elapsed times.
type PreviewStackStatus struct {
	// Phase in one word.
	// +optional
	Phase Phase `json:"phase,omitempty"`

	// Detail says in a few words what the stack waits for or why it failed.
	// Example: waiting for image shop/api:9f1c2ab
	// +optional
	Detail string `json:"detail,omitempty"`

	// URL of the primary exposed service.
	// +optional
	URL string `json:"url,omitempty"`

	// URLs of all exposed services, keyed by host label.
	// +optional
	URLs map[string]string `json:"urls,omitempty"`

	// Links of the class, filled in.
	// +optional
	Links map[string]string `json:"links,omitempty"`

	// Notes of the blueprint.
	// +optional
	Notes string `json:"notes,omitempty"`

	// Namespace that everything runs in.
	// +optional
	Namespace string `json:"namespace,omitempty"`

	// ExpiresAt is the deadline, RFC 3339. Empty if there is none.
	// +optional
	ExpiresAt string `json:"expiresAt,omitempty"`

	// Lifetime is what function-ttl remembers.
	// +optional
	Lifetime *ttlv1alpha1.Memory `json:"lifetime,omitempty"`

	// Sleep is why the stack is asleep, and what keeps it from sleeping as its
	// class says. Empty if there is nothing to say.
	// +optional
	Sleep *SleepStatus `json:"sleep,omitempty"`

	// Class that the stack runs under.
	// +optional
	Class string `json:"class,omitempty"`

	// Blueprint that the stack is a clone of.
	// +optional
	Blueprint *BlueprintStatus `json:"blueprint,omitempty"`

	// Target that the stack runs in, kept for its life.
	// +optional
	Target *Target `json:"target,omitempty"`

	// Revision that all services run; while a roll-out is under way, the last
	// one that they all ran.
	// +optional
	Revision string `json:"revision,omitempty"`

	// Services by name.
	// +optional
	Services map[string]PartStatus `json:"services,omitempty"`

	// Databases by name.
	// +optional
	Databases map[string]PartStatus `json:"databases,omitempty"`

	// Mocks by name.
	// +optional
	Mocks map[string]PartStatus `json:"mocks,omitempty"`

	// Jobs by name.
	// +optional
	Jobs map[string]PartStatus `json:"jobs,omitempty"`

	// Volumes by name.
	// +optional
	Volumes map[string]PartStatus `json:"volumes,omitempty"`

	// Timings are points in time, RFC 3339.
	// +optional
	Timings Timings `json:"timings,omitempty"`

	// Cost of what the stack reserves.
	// +optional
	Cost *Cost `json:"cost,omitempty"`

	// Conditions: Admitted, DataReady, WorkloadsReady and Expired of the stack;
	// Ready and Synced of Crossplane.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// A SleepReason says what a stack sleeps by.
//
// +kubebuilder:validation:Enum=NoTraffic;Schedule;Command
type SleepReason string

// Sleep reasons.
const (
	SleepByTraffic  SleepReason = "NoTraffic"
	SleepBySchedule SleepReason = "Schedule"
	SleepByCommand  SleepReason = "Command"
)

// A SleepStatus says why a stack is asleep, and what keeps it from it.
type SleepStatus struct {
	// Reason it sleeps by. Empty while it is awake.
	// +optional
	Reason SleepReason `json:"reason,omitempty"`
	// WakesAt is when a schedule ends the sleep, RFC 3339.
	// +optional
	WakesAt string `json:"wakesAt,omitempty"`
	// Detail says what of sleeping is not as it was asked for, and why: a
	// command that is no time, or a cluster without KEDA.
	// +optional
	Detail string `json:"detail,omitempty"`
}

// A BlueprintStatus says which blueprint a stack is a clone of.
type BlueprintStatus struct {
	// Name of the blueprint.
	Name string `json:"name"`
	// Series it was the newest of when the stack was made.
	// +optional
	Series string `json:"series,omitempty"`
}

// A PartState is where one part of a stack stands.
//
// +kubebuilder:validation:Enum=Pending;Progressing;Ready;Asleep;Failed
type PartState string

// Part states.
const (
	// PartPending has not been created: it waits for something else.
	PartPending PartState = "Pending"
	// PartProgressing has been created and is not ready yet.
	PartProgressing PartState = "Progressing"
	// PartReady is as it should be; of a job: it succeeded.
	PartReady PartState = "Ready"
	// PartAsleep has been stopped until the stack wakes.
	PartAsleep PartState = "Asleep"
	// PartFailed will not become ready by waiting.
	PartFailed PartState = "Failed"
)

// A PartStatus says where one part of a stack stands.
type PartStatus struct {
	// State in one word.
	State PartState `json:"state"`
	// Detail says what it waits for or why it failed. Empty when ready.
	// +optional
	Detail string `json:"detail,omitempty"`
	// Image that is asked for.
	// +optional
	Image string `json:"image,omitempty"`
}

// Timings are points in the life of a stack, RFC 3339 with seconds.
type Timings struct {
	// CreatedAt: the composite was created.
	// +optional
	CreatedAt string `json:"createdAt,omitempty"`
	// NamespaceAt: the namespace was created.
	// +optional
	NamespaceAt string `json:"namespaceAt,omitempty"`
	// ReadyAt: the last part became ready for the first time.
	// +optional
	ReadyAt string `json:"readyAt,omitempty"`
}

// A Cost is what a stack's reservations cost.
type Cost struct {
	// Hourly amount as a decimal number. Example: "0.087"
	Hourly string `json:"hourly"`
	// Currency of it.
	Currency string `json:"currency"`
}
