// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"os"
	"testing"
)

// The sizes of a usual and of a very large stack.
const (
	usual = 40
	large = 200
)

// Goals measures a function once and prints a line for each goal:
//
//	G1 steady CPU against floor 0.21x (goal <= 0.35x) ok
//
// It fails the benchmark if a goal for allocations or memory is missed. Those
// for CPU are only printed, since other work on the machine moves them.
func Goals(b *testing.B, s Subject) {
	b.Helper()
	at := map[int]stack{}
	for _, n := range []int{usual, large} {
		settled, err := s.settle(n)
		if err != nil {
			b.Fatal(err)
		}
		at[n] = settled
		fmt.Printf("\n%d resources composed, %d kB observed", settled.resources, len(settled.steady.request)>>10)
	}
	fmt.Println()
	r := report{b: b}
	r.floor(s, at[usual])
	r.growth(s, at[usual], at[large])
	r.stacks(s, at[usual])
	if err := r.load(b.Context(), s, at[usual], at[large]); err != nil {
		b.Fatal(err)
	}
}

// A report prints what was reached.
type report struct{ b *testing.B }

// atMost prints a goal that is an upper bound.
func (r report) atMost(goal, what string, figure, bound float64, unit string) bool {
	return r.line(goal, what, figure, "<=", bound, unit, figure <= bound)
}

func (r report) line(goal, what string, figure float64, relation string, bound float64, unit string, ok bool) bool {
	verdict := "ok"
	if !ok {
		verdict = "SHORT"
	}
	fmt.Fprintf(os.Stdout, "%s %s %.4g%s (goal %s %.4g%s) %s\n", goal, what, figure, unit, relation, bound, unit, verdict)
	return ok
}

// gate fails the benchmark if a goal that does not depend on the machine is
// missed.
func (r report) gate(ok bool) {
	if !ok {
		r.b.Fail()
	}
}

// floor is G1: a function against no function at all.
func (r report) floor(s Subject, at stack) {
	costs := measure(
		func() { floor(at.steady) }, func() { s.serve(at.steady.request) },
		func() { floor(at.first) }, func() { s.serve(at.first.request) },
	)
	for i, name := range []string{"floor steady", "function steady", "floor first", "function first"} {
		fmt.Printf("   %-16s %8.3f ms CPU %9.0f allocs\n", name, costs[i].cpu.Seconds()*1e3, costs[i].allocs)
	}
	ratio := func(a, b int) (cpu, allocs float64) {
		return float64(costs[a].cpu) / float64(costs[b].cpu), costs[a].allocs / costs[b].allocs
	}
	cpu, allocs := ratio(1, 0)
	r.atMost("G1", "steady CPU against floor", cpu, 0.35, "x")
	r.gate(r.atMost("G1", "steady allocations against floor", allocs, 0.25, "x"))
	cpu, allocs = ratio(3, 2)
	r.atMost("G1", "first CPU against floor", cpu, 1.6, "x")
	r.gate(r.atMost("G1", "first allocations against floor", allocs, 1.3, "x"))
}

// growth is the part of G3 that looks at larger stacks.
func (r report) growth(s Subject, small, big stack) {
	costs := measure(func() { s.serve(small.steady.request) }, func() { s.serve(big.steady.request) })
	perSmall, perBig := costs[0].allocs/float64(small.resources), costs[1].allocs/float64(big.resources)
	r.gate(r.atMost("G3", fmt.Sprintf("allocations per resource at %d against %d", big.resources, small.resources), perBig/perSmall, 1.12, "x"))
}

// stacks is the part of G3 that looks at more stacks.
func (r report) stacks(s Subject, at stack) {
	const many = 5000
	names, err := newRenamed(at.steady.request)
	if err != nil {
		r.b.Fatal(err)
	}
	next := 0
	costs := measure(
		func() { s.serve(names.number(0)) },
		func() { next = (next + 1) % many; s.serve(names.number(next)) },
	)
	r.atMost("G3", "CPU per call for 5000 stacks against 1", float64(costs[1].cpu)/float64(costs[0].cpu), 1.15, "x")

	before := liveHeap()
	for n := range many {
		s.serve(names.number(n + many))
	}
	kept := (float64(liveHeap()) - float64(before)) / many
	r.gate(r.atMost("G3", "live heap per stack", max(0, kept), 1024, " B"))
}
