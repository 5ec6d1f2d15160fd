// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// NamespaceKey is the key of the namespace.
const NamespaceKey = "namespace"

// A World is what is known of the stack's cluster.
type World struct {
	// Observed returns the object with a key, as the cluster has it; false if
	// it has none. The object may be wrapped for a remote cluster.
	Observed func(key string) (health.Observed, bool)
	// HasKind tells whether the cluster has a CustomResourceDefinition.
	HasKind func(crd string) bool
	// Asleep: the stack is to sleep (package sleep).
	Asleep bool
}

// A Decision is which objects are wanted, and why others are not.
type Decision struct {
	// Desired objects, in the order of the stack's objects. They can differ
	// from these: paused, stopped, or with what cannot change as it was.
	Desired []expand.Object
	// Withheld are objects that do not exist yet and must wait.
	Withheld []Withheld
	// Paused are observed workloads that keep their old revision for now.
	Paused []Withheld
	// Waking are observed workloads that slept, and wait for others to wake.
	Waking []Withheld
	// Asleep: the stack is to sleep. Stopped: all of it that runs has.
	Asleep, Stopped bool
	// Missing are the CustomResourceDefinitions that the cluster lacks, sorted.
	Missing []string
	// Immutable says what of the definition cannot be applied to what exists.
	Immutable stack.Problems
	// Health of each observed object of the stack, by key. A workload whose
	// newest template is not applied yet is not ready here.
	Health map[string]health.Result
}

// A Withheld is an object that waits.
type Withheld struct {
	Key  string
	Part stack.Part
	Role expand.Role
	// Reason is one of the API's condition reasons.
	Reason string
	// Detail reads on after the part: waits for database db
	Detail string
	// On is the part that it waits for; zero if it waits for none.
	On stack.Part
}

// LeaseKey is the key under which function-ttl composes the stack's lease.
const LeaseKey = "lease"

// Live tells whether a stack has children beyond its namespace and its lease, by
// the keys of all observed composed resources. It needs no definition of the
// stack: it is asked when there is none.
func Live(observed []string) bool {
	return slices.ContainsFunc(observed, func(key string) bool { return key != NamespaceKey && key != LeaseKey })
}

// Decide says which objects of a stack are wanted now.
func Decide(s *stack.Stack, objects []expand.Object, w World) Decision {
	l := look(s, objects, w)
	d := Decision{
		Health: l.health, Desired: make([]expand.Object, 0, len(objects)),
		Asleep: w.Asleep, Stopped: w.Asleep && l.stopped(),
	}
	for _, o := range l.objects {
		seen, observed := l.seen[o.Key]
		if !observed {
			d.create(l, o)
			continue
		}
		d.keep(l, o, seen)
	}
	slices.Sort(d.Missing)
	d.Missing = slices.Compact(d.Missing)
	return d
}

// create wants an object that does not exist, or says what it waits for.
func (d *Decision) create(l *lookout, o expand.Object) {
	b := l.blocked(o)
	if b == nil {
		d.Desired = append(d.Desired, o)
		return
	}
	if b.reason == v1alpha1.ReasonMissingKind {
		d.Missing = append(d.Missing, o.NeedsCRD)
	}
	d.Withheld = append(d.Withheld, withheld(o, b))
}

// keep wants an object that exists: changed as far as it can be, paused while
// its revision must not roll out, and stopped while it sleeps.
func (d *Decision) keep(l *lookout, o expand.Object, seen sighting) {
	o, problems := freeze(o, seen)
	d.Immutable = append(d.Immutable, problems...)
	if b := l.unprepared(o); b != nil && seen.rollsOut() {
		d.Paused = append(d.Paused, withheld(o, b))
		o = pause(o)
	}
	o, waits := l.rest(o, seen)
	if waits != nil {
		d.Waking = append(d.Waking, withheld(o, waits))
	}
	d.Desired = append(d.Desired, o)
}

func withheld(o expand.Object, b *blocker) Withheld {
	return Withheld{Key: o.Key, Part: o.Part, Role: o.Role, Reason: b.reason, Detail: b.detail, On: b.on}
}

// A blocker is what keeps an object from being created. None is nil.
type blocker struct {
	reason, detail string
	on             stack.Part
}

func waitsFor(part stack.Part, r health.Result) *blocker {
	b := &blocker{reason: v1alpha1.ReasonWaiting, detail: "waits for " + part.String(), on: part}
	if r.Failed() {
		b.reason = r.Reason
		b.detail += ", which failed"
	}
	return b
}

func missingKind(crd string) *blocker {
	return &blocker{
		reason: v1alpha1.ReasonMissingKind,
		detail: fmt.Sprintf("needs %s, which the cluster does not have", crd),
	}
}
