// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifetime

import (
	"fmt"
	"time"

	"github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
)

// skew is how far a clock may be ahead without anybody noticing: times in the
// memory that lie further ahead were written by a wrong clock.
const skew = time.Minute

// A calculation finds the deadline, and what to remember of it.
type calculation struct {
	in    Input
	s     Settings
	was   v1alpha1.Memory
	memo  v1alpha1.Memory
	notes []string
}

func (c *calculation) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// deadline is zero if there is none.
func (c *calculation) deadline() time.Time {
	at, extended, pinned, closed := c.base(), c.extension(), c.pin(), c.closing()
	if !at.IsZero() {
		at = latest(at, extended, pinned)
	}
	byClose := false
	if !closed.IsZero() && pinned.IsZero() {
		end := closed
		if c.extendedSinceClose() {
			end = latest(closed, extended)
		}
		if at.IsZero() || end.Before(at) {
			at, byClose = end, true
		}
	}
	at = at.Truncate(time.Second)
	if !byClose {
		at = c.notice(at)
	}
	c.memo.Deadline = stamp(at)
	return at
}

// base is the deadline that no command has moved; zero if there is none.
func (c *calculation) base() time.Time {
	active := c.activity()
	switch {
	case c.in.Unknown && c.was.ActiveAt != "":
		return parse(c.was.Deadline)
	case c.s.TTL == 0:
		return time.Time{}
	}
	return active.Add(c.s.TTL)
}

// activity is the time of the newest commit, as the forge says; else when the
// revision was first seen; else the creation.
func (c *calculation) activity() time.Time {
	active := c.past(c.was.ActiveAt)
	switch {
	case active.IsZero():
		active = c.in.CreatedAt
		if c.in.Revision != "" {
			active = c.in.Now
		}
	case c.s.RenewOnPush && c.in.Revision != c.was.Revision && c.in.Revision != "":
		active = c.in.Now
	}
	if said := c.in.CommittedAt; !said.IsZero() && c.s.RenewOnPush {
		// An author's clock may be ahead.
		active = earliest(said, c.in.Now)
	}
	c.memo.Revision, c.memo.ActiveAt = c.in.Revision, stamp(active)
	return active
}

// extension is the time that the annotation asks for, as far as one extension
// may reach.
func (c *calculation) extension() time.Time {
	text := c.in.ExtendUntil
	if text == "" {
		return time.Time{}
	}
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.note("%s is %q, which is not a time: write one such as %q", c.in.Names.ExtendUntil, clip(text), stamp(c.in.CreatedAt.Add(24*time.Hour)))
		return time.Time{}
	}
	since := c.past(c.was.ExtendedAt)
	if text != c.was.ExtendUntil || since.IsZero() {
		since = c.in.Now
	}
	c.memo.ExtendUntil, c.memo.ExtendedAt = text, stamp(since)
	if bound := since.Add(c.s.MaxTTL); until.After(bound) {
		c.note("%s is %s, further than one extension may reach (%s): %s counts", c.in.Names.ExtendUntil, text, c.s.MaxTTL, stamp(bound))
		return bound
	}
	return until
}

// pin is the time that a pin holds until; zero without one.
func (c *calculation) pin() time.Time {
	switch c.in.Pinned {
	case "true":
	case "", "false":
		return time.Time{}
	default:
		c.note("%s is %q: write \"true\" to pin, or remove it", c.in.Names.Pinned, clip(c.in.Pinned))
		return time.Time{}
	}
	since := c.past(c.was.PinnedAt)
	if since.IsZero() {
		since = c.in.Now
	}
	c.memo.PinnedAt = stamp(since)
	return since.Add(c.s.MaxPin)
}

// closing is the end of the grace of a closed pull request; zero while it is
// open, or nobody knows.
func (c *calculation) closing() time.Time {
	if !c.in.Closed {
		return time.Time{}
	}
	since := c.past(c.was.ClosedAt)
	if since.IsZero() {
		since = c.in.Now
	}
	c.memo.ClosedAt = stamp(since)
	return since.Add(c.s.CloseGrace)
}

// extendedSinceClose: somebody wants the stack although its pull request is
// closed.
func (c *calculation) extendedSinceClose() bool {
	return c.memo.ExtendedAt != "" && !c.past(c.memo.ExtendedAt).Before(c.past(c.memo.ClosedAt))
}

// notice keeps a deadline that was moved back from catching anybody unawares:
// the stack lives at least as long as the warning is ahead of a deadline, unless
// it would have ended before. Whether an extension was taken back, a class was
// changed, or the function came to a stack that is old already, is all the same.
func (c *calculation) notice(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	before, floor := parse(c.was.Deadline), parse(c.was.NotBefore)
	movedBack := before.IsZero() || at.Before(before)
	if movedBack && floor.IsZero() {
		floor = c.in.Now.Add(min(c.s.WarnBefore, c.s.TTL)).Truncate(time.Second)
		if !before.IsZero() {
			floor = earliest(floor, before)
		}
	}
	if !at.Before(floor) {
		return at
	}
	c.memo.NotBefore = stamp(floor)
	return floor
}

// past reads a time at which something was seen. It cannot lie ahead: one that
// does was written by a wrong clock, and counts as now.
func (c *calculation) past(text string) time.Time {
	if t := parse(text); !t.After(c.in.Now.Add(skew)) {
		return t
	}
	return c.in.Now
}

// parse reads a time of the memory; what is none reads as zero.
func parse(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// clip bounds what is repeated of a text that anybody may have written.
func clip(text string) string {
	const limit = 40
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}

func latest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
