// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// Defaults of the input. Crossplane does not apply those of a schema.
const (
	defaultLease     = "lease"
	defaultActivity  = "status.committedAt"
	defaultOpen      = "status.open"
	defaultExpiresAt = "status.expiresAt"
	defaultMemory    = "status.lifetime"
)

// An input is the function's input with its defaults, and its paths read.
type input struct {
	v1alpha1.Input

	ttl, revision                    xr.FieldPath
	committedAt, open                xr.FieldPath
	expiresAt, phase, detail, memory xr.FieldPath
	namespace, cost, currency        xr.FieldPath

	labels     map[string]xr.FieldPath
	deadlineTo []deadlineTarget
}

// A deadlineTarget is where the deadline is copied to.
type deadlineTarget struct {
	apiVersion, kind string
	path             xr.FieldPath
}

// readInput reads the step's input; without one, the defaults count.
func readInput(req *fnv1.RunFunctionRequest) (input, error) {
	in := input{}
	resource, err := wire.FromStruct(req.GetInput())
	if err != nil {
		return in, fmt.Errorf("cannot read the input: %w", err)
	}
	if err := resource.Decode(&in.Input); err != nil {
		return in, fmt.Errorf("cannot read the input of step ttl: %w", err)
	}
	a := &in.Annotations
	a.ExtendUntil = cmp.Or(a.ExtendUntil, "microstaging.dev/extend-until")
	a.Pinned = cmp.Or(a.Pinned, "microstaging.dev/pinned")
	a.Recreate = cmp.Or(a.Recreate, "microstaging.dev/recreate")
	if in.Lease != nil {
		in.Lease.Resource = cmp.Or(in.Lease.Resource, defaultLease)
	}
	return in, in.readPaths()
}

func (in *input) readPaths() error {
	var errs []error
	read := func(field string, into *xr.FieldPath, text string) {
		path, err := xr.ParseFieldPath(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("input.%s: %w", field, err))
		}
		*into = path
	}
	read("ttlFieldPath", &in.ttl, in.TTLFieldPath)
	read("revisionFieldPath", &in.revision, in.RevisionFieldPath)
	if r := in.Report; r != nil {
		read("report.activityFieldPath", &in.committedAt, cmp.Or(r.ActivityFieldPath, defaultActivity))
		read("report.openFieldPath", &in.open, cmp.Or(r.OpenFieldPath, defaultOpen))
	}
	read("status.expiresAtFieldPath", &in.expiresAt, cmp.Or(in.Status.ExpiresAtFieldPath, defaultExpiresAt))
	read("status.phaseFieldPath", &in.phase, in.Status.PhaseFieldPath)
	read("status.detailFieldPath", &in.detail, in.Status.DetailFieldPath)
	read("status.memoryFieldPath", &in.memory, cmp.Or(in.Status.MemoryFieldPath, defaultMemory))
	if l := in.Lease; l != nil {
		read("lease.namespaceFieldPath", &in.namespace, l.NamespaceFieldPath)
		read("lease.costFieldPath", &in.cost, l.CostFieldPath)
		read("lease.currencyFieldPath", &in.currency, l.CurrencyFieldPath)
		in.labels = make(map[string]xr.FieldPath, len(l.LabelFieldPaths))
		for label, text := range l.LabelFieldPaths {
			var path xr.FieldPath
			read("lease.labelFieldPaths["+label+"]", &path, text)
			in.labels[label] = path
		}
	}
	for i, t := range in.DeadlineTo {
		target := deadlineTarget{apiVersion: t.APIVersion, kind: t.Kind}
		read(fmt.Sprintf("deadlineTo[%d].fieldPath", i), &target.path, t.FieldPath)
		in.deadlineTo = append(in.deadlineTo, target)
	}
	return errors.Join(errs...)
}

// lifetime is what the input says, what the context says above it, and the
// composite's own wish above both. It is known unless the context should say and
// does not.
func (in *input) lifetime(req *fnv1.RunFunctionRequest, composite wire.Resource) (life v1alpha1.Lifetime, known bool, err error) {
	life, known = in.Lifetime, true
	if key := in.LifetimeFromContext; key != "" {
		said, err := wire.FromStruct(req.GetContext().GetFields()[key].GetStructValue())
		if err == nil {
			err = said.Decode(&life)
		}
		if err != nil {
			return life, false, fmt.Errorf("cannot read %q of the pipeline's context: %w", key, err)
		}
		known = said.Exists()
	}
	life.TTL = cmp.Or(in.ttl.In(composite).Text(), life.TTL)
	return life, known, nil
}
