// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/lifetime"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

const (
	leaseKind = "StackLease"
	leaseCRD  = "stackleases.lifecycle.microstaging.dev"

	// labelComposite is on all that Crossplane composes.
	labelComposite = "crossplane.io/composite"
)

// observeLease reads what the keeper of the time says.
func (r *run) observeLease() error {
	if r.input.Lease == nil {
		return nil
	}
	observed := r.observed.Get(r.input.Lease.Resource)
	if !observed.Exists() {
		return nil
	}
	if err := observed.Decode(&r.lease, "spec", "status"); err != nil {
		return fmt.Errorf("cannot read lease: %w", err)
	}
	return nil
}

// keeper is the lease as the decision wants it; nil without one.
func (r *run) keeper() *lifetime.Lease {
	if r.lease == nil {
		return nil
	}
	status := r.lease.Status
	k := &lifetime.Lease{
		Due: status.Due, Kept: len(status.Conditions) > 0,
		Gone: r.lease.Spec.State == lifecyclev1alpha1.LeaseRetired && status.Receipt != "",
	}
	if status.ObservedDeadline != nil {
		k.Deadline = status.ObservedDeadline.Time
	}
	return k
}

// compose desires the lease, once the cluster knows the kind.
func (r *run) compose(d lifetime.Decision, s lifetime.Settings, kinds []lifecyclev1alpha1.Kind) error {
	if r.input.Lease == nil || !r.leases {
		return nil
	}
	lease := r.makeLease(d, s, kinds)
	return desired.Set(r.rsp, r.input.Lease.Resource, lease, desired.Ready)
}

func (r *run) makeLease(d lifetime.Decision, s lifetime.Settings, kinds []lifecyclev1alpha1.Kind) *lifecyclev1alpha1.StackLease {
	composite := r.observed.Composite
	lease := &lifecyclev1alpha1.StackLease{
		TypeMeta: metav1.TypeMeta{APIVersion: lifecyclev1alpha1.GroupVersion.String(), Kind: leaseKind},
		Spec: lifecyclev1alpha1.StackLeaseSpec{
			Composite: lifecyclev1alpha1.OwnerReference{
				APIVersion: composite.APIVersion(), Kind: composite.Kind(), Name: composite.Name(), UID: composite.UID(),
			},
			Claim:         claimOf(composite),
			State:         lifecyclev1alpha1.LeaseActive,
			WarnBefore:    duration(s.WarnBefore),
			OnExpire:      lifecyclev1alpha1.EndRetire,
			DeleteTracked: s.DeleteTracked,
			DryRun:        s.DryRun,
			CostHourly:    r.text(r.input.cost),
			Currency:      r.text(r.input.currency),
			KeepReceipts:  duration(s.KeepReceipts),
			Traces:        r.traces(kinds),
		},
	}
	lease.Name = composite.Name() + "-" + names.Hash(5, composite.APIVersion(), composite.Kind())
	lease.Labels = r.ownLabels()
	// From the first moment: the provider may be down for all of a short life, and
	// nothing may end without a receipt.
	lease.Finalizers = []string{lifecyclev1alpha1.FinalizerReceipt}
	if d.State.Over() {
		lease.Spec.State, lease.Spec.Composed = lifecyclev1alpha1.LeaseRetired, r.count()
	}
	if !d.Deadline.IsZero() {
		at := metav1.NewTime(d.Deadline)
		lease.Spec.Deadline = &at
	}
	if s.Delete {
		lease.Spec.OnExpire, lease.Spec.DeleteAfter = lifecyclev1alpha1.EndDelete, duration(s.DeleteAfter)
	}
	if r.lease != nil && r.unknown {
		was := r.lease.Spec
		lease.Spec.WarnBefore, lease.Spec.OnExpire, lease.Spec.DeleteAfter = was.WarnBefore, was.OnExpire, was.DeleteAfter
		lease.Spec.DeleteTracked, lease.Spec.DryRun, lease.Spec.KeepReceipts = was.DeleteTracked, was.DryRun, was.KeepReceipts
	}
	if r.lease != nil {
		// The receipt wants to know what the stack cost while it lived.
		lease.Spec.CostHourly = cmp.Or(lease.Spec.CostHourly, r.lease.Spec.CostHourly)
		lease.Spec.Currency = cmp.Or(lease.Spec.Currency, r.lease.Spec.Currency)
	}
	return lease
}

// count is how many resources there were when the composite was retired. Soon
// none is observed: it is counted once, and kept.
func (r *run) count() *int32 {
	if r.lease != nil && r.lease.Spec.State == lifecyclev1alpha1.LeaseRetired && r.lease.Spec.Composed != nil {
		return r.lease.Spec.Composed
	}
	n := int32(0)
	for key := range r.observed.All() {
		if !r.stays(key) {
			n++
		}
	}
	return &n
}

// traces say by what the composite's objects are known. Kinds that were composed
// once stay: the receipt looks through them all.
func (r *run) traces(kinds []lifecyclev1alpha1.Kind) lifecyclev1alpha1.Traces {
	t := lifecyclev1alpha1.Traces{
		Namespace: r.text(r.input.namespace),
		Labels:    map[string]string{labelComposite: r.observed.Composite.Name()},
		Kinds:     kinds,
	}
	for label, value := range r.ownLabels() {
		t.Labels[label] = value
	}
	if r.lease != nil {
		t.Namespace = cmp.Or(t.Namespace, r.lease.Spec.Traces.Namespace)
		t.Kinds = append(t.Kinds, r.lease.Spec.Traces.Kinds...)
	}
	slices.SortFunc(t.Kinds, func(a, b lifecyclev1alpha1.Kind) int {
		return cmp.Or(strings.Compare(a.APIVersion, b.APIVersion), strings.Compare(a.Kind, b.Kind))
	})
	t.Kinds = slices.Compact(t.Kinds)
	return t
}

func (r *run) ownLabels() map[string]string {
	var labels map[string]string
	for label, path := range r.input.labels {
		value := r.text(path)
		if value == "" {
			continue
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[label] = names.LabelValue(value)
	}
	return labels
}

// kinds lists the kinds of what is desired or observed, but for leases.
func (r *run) kinds() []lifecyclev1alpha1.Kind {
	seen := map[lifecyclev1alpha1.Kind]bool{}
	for _, o := range r.rsp.GetDesired().GetResources() {
		fields := o.GetResource().GetFields()
		seen[lifecyclev1alpha1.Kind{APIVersion: fields["apiVersion"].GetStringValue(), Kind: fields["kind"].GetStringValue()}] = true
	}
	for _, o := range r.observed.All() {
		seen[lifecyclev1alpha1.Kind{APIVersion: o.APIVersion(), Kind: o.Kind()}] = true
	}
	kinds := make([]lifecyclev1alpha1.Kind, 0, len(seen))
	for k := range seen {
		if k.Kind != leaseKind {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// text reads a member of the composite as it is desired now, else as it was.
func (r *run) text(path xr.FieldPath) string {
	return cmp.Or(path.In(r.wanted).Text(), path.In(r.observed.Composite).Text())
}

func claimOf(composite wire.Resource) *lifecyclev1alpha1.OwnerReference {
	claim := xr.ClaimOf(composite)
	if claim.Name == "" {
		return nil
	}
	ref := composite.Get("spec", "claimRef")
	return &lifecyclev1alpha1.OwnerReference{
		APIVersion: ref.Get("apiVersion").Text(), Kind: ref.Get("kind").Text(),
		Namespace: claim.Namespace, Name: claim.Name,
	}
}

func duration(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }
