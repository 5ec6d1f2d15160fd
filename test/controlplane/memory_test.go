// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/microstaging/preview-stacks/hack/process"
)

// residentMemory is what our processes hold of the machine's memory, in MiB.
func residentMemory(t *testing.T) map[string]float64 {
	t.Helper()
	processes := map[string]*process.Process{"provider": shared.provider.process}
	for name := range shared.functions {
		processes["function-"+name] = shared.cp.Group.Find("function-" + name)
	}
	held := map[string]float64{}
	for name, p := range processes {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(status), "VmRSS:")
		var kib float64
		if _, err := fmt.Sscanf(rest, "%f", &kib); err != nil {
			t.Fatalf("cannot read the memory of %s: %v", name, err)
		}
		held[name] = kib / 1024
	}
	return held
}

// goalMemory prints whether our processes hold no more memory than before, but
// for some: what a collector has not given back yet.
func goalMemory(t *testing.T, when string, before map[string]float64, bound float64) {
	t.Helper()
	now := residentMemory(t)
	for _, name := range slices.Sorted(maps.Keys(now)) {
		ratio := now[name] / before[name]
		t.Logf("G10 memory of %s %s, %.0f MiB against %.0f MiB %.2fx (goal <= %.2fx) %s", name, when, now[name], before[name], ratio, bound, verdict(ratio <= bound))
	}
}

// verdict on a goal.
func verdict(met bool) string {
	if met {
		return "ok"
	}
	return "SHORT"
}
