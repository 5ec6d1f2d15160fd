// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the kinds that bound the life of a stack: the lease
// that keeps its deadline, the receipt that proves its end, and the switch that
// a scaler puts it to sleep with. It holds types and validation rules only.
//
// +kubebuilder:object:generate=true
// +groupName=lifecycle.microstaging.dev
package v1alpha1

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/scheme"
)

var (
	// GroupVersion is the API group and version of this package.
	GroupVersion = schema.GroupVersion{Group: "lifecycle.microstaging.dev", Version: "v1alpha1"}

	// SchemeBuilder registers the types of this package.
	SchemeBuilder = &scheme.Builder{GroupVersion: GroupVersion}

	// AddToScheme adds the types of this package to a scheme.
	AddToScheme = SchemeBuilder.AddToScheme
)

func init() {
	SchemeBuilder.Register(
		&StackLease{}, &StackLeaseList{},
		&StackReceipt{}, &StackReceiptList{},
		&SleepSwitch{}, &SleepSwitchList{},
	)
}
