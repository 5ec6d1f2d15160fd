// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
)

// A Selector says which resources a function requires.
type Selector struct {
	APIVersion string // For example "v1".
	Kind       string

	// Namespace to look in. Empty for cluster-scoped kinds, and for labels
	// that are to be matched in all namespaces.
	Namespace string

	// Name of the one resource. If empty, all those with the labels are
	// required; without labels that is every resource of the kind.
	Name   string
	Labels map[string]string
}

// Require asks Crossplane for resources. It then calls the function again, with
// them in the request: read them there with wire.Required, under the same name.
//
// Ask for the same in every response, also once it was answered: Crossplane
// calls until two responses in a row require the same, at most five times. A
// kind the cluster does not serve is an error that fails the whole run: ask for
// its CustomResourceDefinition first.
func Require(rsp *fnv1.RunFunctionResponse, name string, s Selector) {
	out := &fnv1.ResourceSelector{ApiVersion: s.APIVersion, Kind: s.Kind}
	if s.Name != "" {
		out.Match = &fnv1.ResourceSelector_MatchName{MatchName: s.Name}
	} else {
		out.Match = &fnv1.ResourceSelector_MatchLabels{MatchLabels: &fnv1.MatchLabels{Labels: s.Labels}}
	}
	if s.Namespace != "" {
		out.Namespace = &s.Namespace
	}
	if rsp.GetRequirements() == nil {
		rsp.Requirements = &fnv1.Requirements{}
	}
	if rsp.GetRequirements().GetResources() == nil {
		rsp.Requirements.Resources = map[string]*fnv1.ResourceSelector{}
	}
	rsp.Requirements.Resources[name] = out
}
