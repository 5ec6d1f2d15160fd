// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	objectGroup   = "kubernetes.crossplane.io"
	objectVersion = objectGroup + "/v1alpha2"
	objectCRD     = "objects." + objectGroup
)

// An Object is as much of provider-kubernetes' kind as we set. The rest keeps
// its defaults: all management policies, deleted with its manifest.
// https://github.com/crossplane-contrib/provider-kubernetes/blob/v1.2.1/apis/cluster/object/v1alpha2/types.go
type Object struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ObjectSpec `json:"spec"`
}

// An ObjectSpec says what to apply and where.
type ObjectSpec struct {
	ProviderConfigRef *ProviderConfigRef `json:"providerConfigRef,omitempty"`
	ForProvider       ObjectParameters   `json:"forProvider"`
	Readiness         Readiness          `json:"readiness"`
	// Watch has changes reported at once, where the provider runs with
	// --enable-watches; else it polls.
	Watch bool `json:"watch"`
}

// A ProviderConfigRef names the ProviderConfig of the cluster.
type ProviderConfigRef struct {
	Name string `json:"name"`
}

// ObjectParameters hold the manifest to apply.
type ObjectParameters struct {
	Manifest runtime.Object `json:"manifest"`
}

// A Readiness says when the Object counts as ready.
type Readiness struct {
	Policy   ReadinessPolicy `json:"policy"`
	CelQuery string          `json:"celQuery,omitempty"`
}

// A ReadinessPolicy is a way to tell.
type ReadinessPolicy string

// Readiness policies.
const (
	ReadySuccessfulCreate   ReadinessPolicy = "SuccessfulCreate"
	ReadyDeriveFromCelQuery ReadinessPolicy = "DeriveFromCelQuery"
)

// DeepCopyObject implements runtime.Object.
func (o *Object) DeepCopyObject() runtime.Object {
	out := *o
	out.ObjectMeta = *o.ObjectMeta.DeepCopy()
	if ref := o.Spec.ProviderConfigRef; ref != nil {
		out.Spec.ProviderConfigRef = &ProviderConfigRef{Name: ref.Name}
	}
	if m := o.Spec.ForProvider.Manifest; m != nil {
		out.Spec.ForProvider.Manifest = m.DeepCopyObject()
	}
	return &out
}
