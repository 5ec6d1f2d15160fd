// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"github.com/microstaging/preview-stacks/internal/wire"
)

// Labels Crossplane puts on a composite that belongs to a claim.
const (
	LabelClaimName      = "crossplane.io/claim-name"
	LabelClaimNamespace = "crossplane.io/claim-namespace"
)

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
