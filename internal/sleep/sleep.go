// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package sleep

import (
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// An Input is all that the decision is made from.
type Input struct {
	// Mode that can be had: Traffic only where a scaler moves the switch.
	Mode v1alpha1.SleepMode
	// After so long a stack that came up, or was woken by command, may sleep.
	After time.Duration
	// Windows of the class in which stacks sleep, and where their time zones
	// come from: time.LoadLocation, as a rule.
	Windows []v1alpha1.SleepWindow
	Zone    func(name string) (*time.Location, error)
	// Wake and Sleep are the commands as they were written; empty for none.
	Wake, Sleep string
	// Switch is the replicas of the stack's SleepSwitch; nil while unknown.
	Switch *int32
	// Settled: the stack was ready in its revision, and its jobs are through.
	Settled bool
	// UpSince is when it became ready; zero while it is not, or sleeps.
	UpSince time.Time
	Now     time.Time
}

// A Decision says whether a stack sleeps.
type Decision struct {
	Asleep bool
	// Reason it sleeps by. Empty while it is awake.
	Reason v1alpha1.SleepReason
	// WakesAt is when it wakes by itself; zero if it does not.
	WakesAt time.Time
	// Next is the next time at which the answer can change though nothing
	// else does; zero if there is none.
	Next time.Time
	// Ignored says in words what was asked for and cannot be understood.
	Ignored []string
}

// Decide says whether a stack sleeps now. The rules are asked in this order,
// and the first that applies decides:
//
//   - somebody sent it to sleep: it sleeps until somebody wakes it;
//   - somebody woke it: it is awake for as long as After;
//   - it has not settled: it is awake, or its jobs would never run;
//   - it came up: it is awake for as long as After, as whoever pushed, or
//     opened it, wants to see it, and starting and stopping are not free;
//   - the mode's own.
func Decide(in Input) Decision {
	asked := readCommands(in)
	d := Decision{Next: asked.next, Ignored: asked.ignored}
	switch {
	case asked.asleep:
		d.Asleep, d.Reason = true, v1alpha1.SleepByCommand
	case d.awakeSince(asked.wokenAt, in):
	case !in.Settled:
	case in.Mode == v1alpha1.SleepNever:
	case d.awakeSince(in.UpSince, in):
	case in.Mode == v1alpha1.SleepTraffic:
		d.byTraffic(in)
	case in.Mode == v1alpha1.SleepSchedule:
		d.bySchedule(in)
	}
	return d
}

// awakeSince tells whether After is not over yet, counted from a time, of which
// zero is never.
func (d *Decision) awakeSince(from time.Time, in Input) bool {
	until := from.Add(in.After)
	if from.IsZero() || !in.Now.Before(until) {
		return false
	}
	d.Next = earlier(d.Next, until)
	return true
}

// byTraffic: the scaler knows who came and when, and nobody else. Its schedules
// are for stacks that cannot sleep this way: at their beginning, a stack that
// nobody uses sleeps already, and one that somebody uses stays awake.
func (d *Decision) byTraffic(in Input) {
	if in.Switch != nil && *in.Switch == 0 {
		d.Asleep, d.Reason = true, v1alpha1.SleepByTraffic
	}
}

func (d *Decision) bySchedule(in Input) {
	within, edge, ignored := schedule(in.Windows, in.Zone, in.Now)
	d.Ignored = append(d.Ignored, ignored...)
	d.Next = earlier(d.Next, edge)
	if within {
		d.Asleep, d.Reason, d.WakesAt = true, v1alpha1.SleepBySchedule, edge
	}
}

// earlier of two times, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
