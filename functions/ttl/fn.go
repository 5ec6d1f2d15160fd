// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/lifetime"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// A Function ends composites. It keeps nothing between calls.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	log logging.Logger
	now func() time.Time
}

// A run is one call of the function: what was observed, and the answer.
type run struct {
	req      *fnv1.RunFunctionRequest
	rsp      *fnv1.RunFunctionResponse
	input    input
	observed *wire.Observed
	// wanted is the composite as earlier functions desire it.
	wanted wire.Resource
	now    time.Time

	// lease as observed; nil if there is none.
	lease *lifecyclev1alpha1.StackLease
	// leases: the cluster knows the kind.
	leases bool
	// unknown: how long the composite may live cannot be had now.
	unknown bool
	// open: that was asked for the first time, so this round cannot decide.
	open bool
}

// RunFunction reads what there is, decides whether it is over, and writes what
// follows.
func (f *Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	r := &run{req: req, rsp: xr.Respond(req), now: f.now()}
	if err := r.read(); err != nil {
		xr.Fatal(r.rsp, err)
		return r.rsp, nil
	}
	if r.open {
		return r.rsp, nil
	}
	d, err := r.decide()
	if err == nil {
		f.log.Debug("Decided", "composite", r.observed.Composite.Name(), "state", string(d.State), "deadline", d.Deadline)
	} else {
		xr.Fatal(r.rsp, err)
	}
	return r.rsp, nil
}

func (r *run) read() (err error) {
	if r.observed, err = wire.Observe(r.req); err != nil {
		return fmt.Errorf("cannot read observed state: %w", err)
	}
	if r.wanted, err = wire.FromStruct(r.req.GetDesired().GetComposite().GetResource()); err != nil {
		return fmt.Errorf("cannot read desired composite: %w", err)
	}
	if r.input, err = readInput(r.req); err != nil {
		return err
	}
	if err := r.observeLease(); err != nil {
		return err
	}
	return r.requireLeases()
}

// requireLeases asks whether the cluster knows leases: one of a kind that is not
// there would fail the apply of everything else.
func (r *run) requireLeases() error {
	if r.input.Lease == nil || r.lease != nil {
		r.leases = r.lease != nil
		return nil
	}
	required, err := wire.Required(r.req)
	if err != nil {
		return fmt.Errorf("cannot read required resources: %w", err)
	}
	xr.Require(r.rsp, "crd/"+leaseCRD, xr.Selector{
		APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: leaseCRD,
	})
	crd, answered := required.One("crd/" + leaseCRD)
	r.leases, r.open = crd.Exists(), !answered
	return nil
}

// decide decides and writes.
func (r *run) decide() (lifetime.Decision, error) {
	life, known, err := r.input.lifetime(r.req, r.observed.Composite)
	if err != nil {
		return lifetime.Decision{}, err
	}
	memory, err := r.memory()
	if err != nil {
		return lifetime.Decision{}, err
	}
	r.unknown = !known
	d, settings := lifetime.Decide(life, lifetime.Input{
		Now:       r.now,
		CreatedAt: r.observed.Composite.CreatedAt(),

		Revision:    r.input.revision.In(r.observed.Composite).Text(),
		ExtendUntil: r.observed.Composite.Annotation(r.input.Annotations.ExtendUntil),
		Pinned:      r.observed.Composite.Annotation(r.input.Annotations.Pinned),
		Recreate:    r.observed.Composite.Annotation(r.input.Annotations.Recreate),
		Names:       r.input.Annotations,

		CommittedAt: r.report(r.input.committedAt).Time(),
		Closed:      r.closed(),

		Unknown: r.unknown, Memory: memory, Lease: r.keeper(), Composed: r.composed(),
	})
	return d, r.write(d, settings)
}

// report reads a member of the composed resource that knows the pull request.
func (r *run) report(path xr.FieldPath) wire.Value {
	if r.input.Report == nil {
		return wire.Value{}
	}
	return path.In(r.observed.Get(r.input.Report.Resource))
}

// closed tells whether the report says so; it may say it as a text, too.
func (r *run) closed() bool {
	open := r.report(r.input.open)
	return open.Exists() && !open.Bool() && open.Text() != "true"
}

// composed tells whether anything is there that does not outlast its composite.
func (r *run) composed() bool {
	return slices.ContainsFunc(r.observed.Keys(), func(key string) bool { return !r.stays(key) })
}

// stays tells whether a resource outlasts the others.
func (r *run) stays(key string) bool {
	return (r.input.Lease != nil && key == r.input.Lease.Resource) || slices.Contains(r.input.Keep, key)
}

// write puts a decision into the answer.
func (r *run) write(d lifetime.Decision, s lifetime.Settings) error {
	xr.SetTTL(r.rsp, r.ttl(d))
	if err := xr.SetConditions(r.rsp, condition(d, r.input.Annotations)); err != nil {
		return err
	}
	if why := r.req.GetContext().GetFields()[v1alpha1.ContextRefused].GetStringValue(); why != "" && !d.State.Over() {
		// What was composed is not desired, and would be lost.
		return errors.New(why)
	}
	kinds := r.kinds()
	if d.State.Over() {
		for key := range r.rsp.GetDesired().GetResources() {
			if !r.stays(key) {
				delete(r.rsp.GetDesired().GetResources(), key)
			}
		}
	}
	r.copyDeadline(d.Deadline)
	if err := r.compose(d, s, kinds); err != nil {
		return err
	}
	return r.writeStatus(d)
}

// copyDeadline writes the deadline into what should die by it on its own.
func (r *run) copyDeadline(deadline time.Time) {
	if deadline.IsZero() {
		return
	}
	text := structpb.NewStringValue(deadline.UTC().Format(time.RFC3339))
	for _, o := range r.rsp.GetDesired().GetResources() {
		fields := o.GetResource().GetFields()
		for _, t := range r.input.deadlineTo {
			if fields["kind"].GetStringValue() == t.kind && (t.apiVersion == "" || fields["apiVersion"].GetStringValue() == t.apiVersion) {
				t.path.Set(o.GetResource(), text)
			}
		}
	}
}
