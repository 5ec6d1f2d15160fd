// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifetime

import (
	"time"

	"github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
)

// An Input is all that a life is decided from.
type Input struct {
	Now       time.Time
	CreatedAt time.Time

	// Revision that the composite shows; empty if it shows none.
	Revision string
	// ExtendUntil, Pinned and Recreate are the values of annotations.
	ExtendUntil, Pinned, Recreate string
	// Names of these annotations.
	Names v1alpha1.Annotations

	// CommittedAt is the forge's time of the newest commit; zero if unknown.
	CommittedAt time.Time
	// Closed: the forge says that the pull request is not open.
	Closed bool

	// Unknown: how long it may live cannot be had now. What was decided counts.
	Unknown bool
	// Memory from the last decision.
	Memory v1alpha1.Memory
	// Lease as observed; nil if there is none.
	Lease *Lease
	// Composed: resources of the composite are there that do not outlast it.
	Composed bool
}

// A Lease is what the keeper of the time says.
type Lease struct {
	// Deadline that it keeps; zero if it has not said yet, or keeps none.
	Deadline time.Time
	// Due: that deadline has passed.
	Due bool
	// Kept: it is being kept. Else nobody ever took notice of it.
	Kept bool
	// Gone: of what was retired nothing is left.
	Gone bool
}

// A State is where a life stands.
type State string

// States of a life.
const (
	// Active: it is wanted.
	Active State = "Active"
	// Retiring: its time is up, and something of it is left.
	Retiring State = "Retiring"
	// Retired: its time is up, and nothing of it is left.
	Retired State = "Retired"
	// Restoring: it was retired, and is wanted again.
	Restoring State = "Restoring"
	// Recreating: it is removed to be made anew.
	Recreating State = "Recreating"
)

// Over tells whether nothing of it is wanted.
func (s State) Over() bool { return s == Retiring || s == Retired || s == Recreating }

// A Decision is how a life goes on.
type Decision struct {
	State State
	// Deadline of it; zero if there is none.
	Deadline time.Time
	// Memory for the next decision.
	Memory v1alpha1.Memory
	// Notes say in words which settings and commands cannot be followed.
	Notes []string
}

// Decide decides how a life goes on.
func Decide(l v1alpha1.Lifetime, in Input) (Decision, Settings) {
	s, notes := ReadSettings(l)
	c := &calculation{in: in, s: s, was: in.Memory, notes: notes}
	d := Decision{Deadline: c.deadline()}
	d.State = c.state(d.Deadline)
	d.Memory, d.Notes = c.memo, c.notes
	return d, s
}

func (c *calculation) state(deadline time.Time) State {
	c.memo.Recreated = c.was.Recreated
	if c.due(deadline) {
		c.memo.RetiredAt = c.was.RetiredAt
		if c.memo.RetiredAt == "" {
			c.memo.RetiredAt = stamp(c.in.Now)
		}
		// What is to be made anew is so when it comes back.
		c.memo.Recreated = c.in.Recreate
		if c.left() {
			return Retiring
		}
		return Retired
	}
	switch {
	case c.was.RetiredAt != "":
		return Restoring
	case c.in.Recreate == c.was.Recreated, c.in.Recreate == "":
		return Active
	case c.in.Memory.ActiveAt == "":
		// It is new already.
		c.memo.Recreated = c.in.Recreate
		return Active
	case c.left():
		return Recreating
	}
	c.memo.Recreated = c.in.Recreate
	return Restoring
}

// due tells whether the deadline has passed. Where a lease is kept, its keeper's
// clock is the only one that counts: it watches over itself, brakes, and is the
// one that people can ask. See docs/design/one-clock.md.
func (c *calculation) due(deadline time.Time) bool {
	if deadline.IsZero() {
		return false
	}
	if l := c.in.Lease; l != nil && l.Kept {
		return l.Due && l.Deadline.Equal(deadline)
	}
	return !c.in.Now.Before(deadline)
}

// left tells whether something is left of what is not wanted.
func (c *calculation) left() bool {
	return c.in.Composed || (c.in.Lease != nil && c.in.Lease.Kept && !c.in.Lease.Gone)
}
