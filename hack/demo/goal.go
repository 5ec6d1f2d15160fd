// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"slices"
	"time"
)

// A Goal is something measured, and what it has to reach.
type Goal struct {
	text string
	met  bool
}

// met tells whether all goals were reached.
func met(goals []Goal) bool {
	return !slices.ContainsFunc(goals, func(g Goal) bool { return !g.met })
}

// String is the goal's line: G1 claim to URL answering 23.4 s (goal <= 60 s) ok.
func (g Goal) String() string {
	if g.met {
		return g.text + " ok"
	}
	return g.text + " SHORT"
}

// Bounds of the goals.
const (
	goalURL     = 60 * time.Second
	goalRatio   = 1.5
	goalRetire  = 30 * time.Second
	goalRestore = 60 * time.Second
)

// Times are what a telling of the story measured.
type Times struct {
	// Claimed is the time from the claim to its URL answering, and Plain that
	// of the plain script.
	Claimed, Plain time.Duration
	// Retired is the time from the deadline to nothing being left, and Restored
	// that from the extension to Ready.
	Retired, Restored time.Duration
}

// Goals holds what was measured against its bounds.
func Goals(t Times) []Goal {
	ratio := t.Claimed.Seconds() / t.Plain.Seconds()
	return []Goal{
		within("G1 claim to URL answering", t.Claimed, goalURL),
		{fmt.Sprintf("G2 against kubectl apply + wait %.2fx (goal <= %.1fx)", ratio, goalRatio), ratio <= goalRatio},
		within("G3 deadline to nothing left", t.Retired, goalRetire),
		within("G4 extension to Ready again", t.Restored, goalRestore),
	}
}

// within is the goal of a time.
func within(what string, took, bound time.Duration) Goal {
	return Goal{fmt.Sprintf("%s %s (goal <= %.0f s)", what, seconds(took), bound.Seconds()), took <= bound}
}
