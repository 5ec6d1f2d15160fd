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
	goalURL   = 60 * time.Second
	goalRatio = 1.5
)

// Goals compares what a claim took with its bound and with the plain script.
func Goals(claim, plain time.Duration) []Goal {
	ratio := claim.Seconds() / plain.Seconds()
	return []Goal{
		{fmt.Sprintf("G1 claim to URL answering %s (goal <= %.0f s)", seconds(claim), goalURL.Seconds()), claim <= goalURL},
		{fmt.Sprintf("G2 against kubectl apply + wait %.2fx (goal <= %.1fx)", ratio, goalRatio), ratio <= goalRatio},
	}
}
