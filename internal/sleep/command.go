// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package sleep

import (
	"fmt"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/health"
)

// commands are what people asked for, at the time they are read.
type commands struct {
	// asleep: the last word was to sleep.
	asleep bool
	// wokenAt is when the last word was to wake; zero if it was not.
	wokenAt time.Time
	// next is when a command begins to count that is dated ahead; zero if
	// none is.
	next    time.Time
	ignored []string
}

// readCommands: the later of two commands counts, and waking of two at once. A
// command counts from its time on: the clocks of people and clusters differ.
func readCommands(in Input) commands {
	var c commands
	wake := c.read(v1alpha1.AnnotationWake, in.Wake, in.Now)
	sleep := c.read(v1alpha1.AnnotationSleep, in.Sleep, in.Now)
	switch {
	case sleep.After(wake):
		c.asleep = true
	default:
		c.wokenAt = wake
	}
	return c
}

// read gives the time of a command, or zero for one that does not count.
func (c *commands) read(annotation, text string, now time.Time) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		c.ignored = append(c.ignored, fmt.Sprintf(
			"annotation %s is %q, which is not a time: write when you ask for it, for example %q",
			annotation, health.Bound(health.Line(text)), "2026-05-04T08:00:00Z"))
		return time.Time{}
	case at.After(now):
		c.next = earlier(c.next, at)
		return time.Time{}
	}
	return at
}
