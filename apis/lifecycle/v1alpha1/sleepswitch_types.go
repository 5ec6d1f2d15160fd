// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A SleepSwitch is what a scaler such as KEDA scales instead of a stack's
// Deployments: one replica while there is traffic, none when there has been
// none for long enough. function-stack composes it, reads the replicas, which
// are the scaler's alone, and starts and stops the services in their order. The
// provider makes the scaler's own object, whose status changes every second
// while there is traffic: composed, it would wake the stack as often.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.replicas,statuspath=.status.replicas,selectorpath=.spec.selector
// +kubebuilder:resource:categories=preview
// +kubebuilder:printcolumn:name="AWAKE",type="integer",JSONPath=".spec.replicas"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type SleepSwitch struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec SleepSwitchSpec `json:"spec"`
	// +optional
	Status SleepSwitchStatus `json:"status,omitempty"`
}

// A SleepSwitchList is a list of SleepSwitches.
//
// +kubebuilder:object:root=true
type SleepSwitchList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SleepSwitch `json:"items"`
}

// A SleepSwitchSpec says whether a stack is awake.
type SleepSwitchSpec struct {
	// Replicas: 1 is awake, 0 is asleep. The scaler's; never composed.
	// Default: 1
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1
	Replicas *int32 `json:"replicas,omitempty"`

	// Selector of the stack's pods, as text; autoscalers ask for it.
	// Example: microstaging.dev/stack=pv-shop-pr-402-x7k2pabc
	// +kubebuilder:validation:MaxLength=253
	Selector string `json:"selector"`

	// Traffic says what counts as being in use. Default: nothing moves it
	// +optional
	Traffic *SwitchTraffic `json:"traffic,omitempty"`
}

// A SwitchTraffic says which requests keep a stack awake.
type SwitchTraffic struct {
	// Scaler is the address of the HTTP add-on's external scaler.
	// Example: keda-add-ons-http-external-scaler.keda:9090
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Scaler string `json:"scaler"`

	// Routes whose requests count: names of InterceptorRoutes beside the switch.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MaxLength=253
	// +listType=set
	Routes []string `json:"routes"`

	// After so long without a request the switch goes off.
	After metav1.Duration `json:"after"`
}

// A SleepSwitchStatus says whether something moves the switch.
type SleepSwitchStatus struct {
	xpv2.ConditionedStatus `json:",inline"`

	// Replicas are for the scale subresource, which must have them in a status.
	// Nothing writes them.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`
}

// Reasons of a SleepSwitch's condition Ready. docs/messages.md explains each.
const (
	// ReasonScaled: the scaler moves the switch.
	ReasonScaled = "Scaled"
	// ReasonNoScaler: the cluster does not have KEDA.
	ReasonNoScaler = "NoScaler"
	// ReasonScalerFailing: KEDA cannot do it; the message is its own.
	ReasonScalerFailing = "ScalerFailing"
)
