// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A SleepSwitch is what a scaler such as KEDA scales instead of a stack's
// Deployments: one replica while there is traffic, none when there has been
// none for long enough. function-stack composes it, reads the replicas, which
// are the scaler's alone, and starts and stops the services in their order.
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
}

// A SleepSwitchStatus is for the scale subresource, which must have one.
type SleepSwitchStatus struct {
	// Replicas as last seen. Nothing writes it.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`
}
