// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ttlv1alpha1 "github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/lifetime"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// How soon to look again although nothing changed. A removal makes so many
// events that Crossplane's circuit breaker opens and drops the one that would
// bring the composite back; a run by time gets past it.
const (
	ttlRestoring = time.Second
	ttlRetiring  = 5 * time.Second
	ttlIdle      = time.Hour
)

// jitter is how much later than asked for Crossplane may run a pipeline.
const jitter = 1.1

// ttl is when something can change by time alone. With a lease that is its
// keeper's business, who changes the lease then; a run a little later catches
// what an open circuit breaker dropped.
func (r *run) ttl(d lifetime.Decision) time.Duration {
	ttl := ttlIdle
	switch {
	case d.State == lifetime.Restoring:
		return ttlRestoring
	case d.State == lifetime.Retiring, d.State == lifetime.Recreating:
		return ttlRetiring
	case d.State == lifetime.Active && !d.Deadline.IsZero():
		ttl = min(ttl, r.untilDeadline(d.Deadline))
	}
	if !xr.Deaf(r.observed.Composite, r.now) {
		return ttl
	}
	if d.State == lifetime.Retired {
		// There is nothing to apply but a lease, and somebody may want it back.
		return ttlRetiring
	}
	return min(ttl, xr.DeafTTL)
}

func (r *run) untilDeadline(deadline time.Time) time.Duration {
	remaining := deadline.Sub(r.now)
	if r.lease == nil {
		// Never late: each run leaves less than a fifth of the time.
		return max(time.Duration(float64(remaining)/jitter), time.Second)
	}
	if remaining < -time.Minute {
		// The keeper is late, or holds it.
		return xr.DeafTTL
	}
	return max(remaining, 0) + time.Second
}

// memory reads what the last call left in the composite's status.
func (r *run) memory() (ttlv1alpha1.Memory, error) {
	var m ttlv1alpha1.Memory
	text, err := json.Marshal(r.input.memory.In(r.observed.Composite).StringMap())
	if err != nil {
		return m, fmt.Errorf("cannot read memory: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("cannot read memory: %w", err)
	}
	return m, nil
}

// writeStatus writes deadline and memory, and over a life that has ended what
// earlier functions say of it.
func (r *run) writeStatus(d lifetime.Decision) error {
	composite := r.observed.Composite
	memory, err := desired.Value(d.Memory)
	if err != nil {
		return fmt.Errorf("cannot write memory: %w", err)
	}
	xr.SetField(r.rsp, composite, r.input.memory, memory)
	var at *structpb.Value
	if !d.Deadline.IsZero() {
		at = structpb.NewStringValue(d.Memory.Deadline)
	}
	xr.SetField(r.rsp, composite, r.input.expiresAt, at)
	if d.State == lifetime.Active {
		return nil
	}
	phase := v1alpha1.PhaseExpired
	if d.State == lifetime.Restoring || d.State == lifetime.Recreating {
		phase = v1alpha1.PhaseProvisioning
	}
	xr.SetReady(r.rsp, composite, desired.NotReady)
	xr.SetField(r.rsp, composite, r.input.phase, structpb.NewStringValue(string(phase)))
	xr.SetField(r.rsp, composite, r.input.detail, structpb.NewStringValue(detail(d, r.input.Annotations)))
	return nil
}

// detail is the state in one line.
func detail(d lifetime.Decision, names ttlv1alpha1.Annotations) string {
	switch d.State {
	case lifetime.Retiring:
		return "expired at " + d.Memory.Deadline + ", is being removed"
	case lifetime.Retired:
		return "expired at " + d.Memory.Deadline + "; a push, or the annotation " + names.ExtendUntil + ", brings it back"
	case lifetime.Restoring:
		return "comes back, as a fresh copy"
	case lifetime.Recreating:
		return "is removed, to be made anew"
	case lifetime.Active:
	}
	return ""
}

// reasons of the condition Expired.
var reasons = map[lifetime.State]string{
	lifetime.Active:     v1alpha1.ReasonActive,
	lifetime.Retiring:   v1alpha1.ReasonRetiring,
	lifetime.Retired:    v1alpha1.ReasonRetired,
	lifetime.Restoring:  v1alpha1.ReasonRestoring,
	lifetime.Recreating: v1alpha1.ReasonRecreating,
}

// condition says on composite and claim whether the time is up. What cannot be
// followed of settings and commands is said there, too.
func condition(d lifetime.Decision, names ttlv1alpha1.Annotations) metav1.Condition {
	c := metav1.Condition{Type: v1alpha1.ConditionExpired, Status: metav1.ConditionFalse, Reason: reasons[d.State]}
	if d.State == lifetime.Retiring || d.State == lifetime.Retired {
		c.Status = metav1.ConditionTrue
	}
	lines := d.Notes
	if text := detail(d, names); text != "" {
		lines = append([]string{text}, lines...)
	}
	c.Message = strings.Join(lines, "\n")
	return c
}
