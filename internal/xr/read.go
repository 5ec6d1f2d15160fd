// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// Labels Crossplane puts on a composite that belongs to a claim.
const (
	LabelClaimName      = "crossplane.io/claim-name"
	LabelClaimNamespace = "crossplane.io/claim-namespace"
)

// Into decodes a decoded object, such as a function's input, into a pointer to
// a Go value with JSON tags. Members the type does not know are passed over; a
// member of the wrong type is an error. A nil object decodes to nothing.
//
// An observed or required resource decodes by its own method, wire.Resource's
// Decode.
func Into(s *structpb.Struct, into any) error {
	r, err := wire.FromStruct(s)
	if err != nil {
		return err
	}
	return r.Decode(into)
}

// A Claim names the claim a composite belongs to.
type Claim struct {
	Namespace string
	Name      string
}

// ClaimOf returns the claim of a composite, from spec.claimRef or, while that
// is not set yet, from the labels. It is zero for a composite that nobody
// claimed, such as one of a version 2 XRD.
func ClaimOf(composite wire.Resource) Claim {
	ref := composite.Get("spec", "claimRef")
	if name := ref.Get("name").Text(); name != "" {
		return Claim{Namespace: ref.Get("namespace").Text(), Name: name}
	}
	return Claim{Namespace: composite.Label(LabelClaimNamespace), Name: composite.Label(LabelClaimName)}
}

// A Reference names a resource that a composite composes.
type Reference struct {
	APIVersion string
	Kind       string
	Namespace  string // Empty for cluster-scoped resources.
	Name       string // Empty while the resource has not been named.
}

// ResourceRefs returns what the composite has composed so far, as Crossplane
// keeps it: in spec.resourceRefs for XRDs of version 1, and in
// spec.crossplane.resourceRefs for those of version 2.
func ResourceRefs(composite wire.Resource) []Reference {
	list := machinery(composite, "resourceRefs")
	var refs []Reference
	for item := range list.Items() {
		refs = append(refs, Reference{
			APIVersion: item.Get("apiVersion").Text(), Kind: item.Get("kind").Text(),
			Namespace: item.Get("namespace").Text(), Name: item.Get("name").Text(),
		})
	}
	return refs
}

// Composition returns the name of the composition that is being run.
func Composition(composite wire.Resource) string {
	return machinery(composite, "compositionRef").Get("name").Text()
}

// machinery returns one of the members that Crossplane adds to every spec.
func machinery(composite wire.Resource, member string) wire.Value {
	if v := composite.Get("spec", "crossplane", member); v.Exists() {
		return v
	}
	return composite.Get("spec", member)
}

// Conditions returns the conditions of a resource's status.
func Conditions(r wire.Resource) ([]metav1.Condition, error) {
	var holder struct {
		Status struct {
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"status"`
	}
	err := r.Decode(&holder, "status.conditions")
	return holder.Status.Conditions, err
}
