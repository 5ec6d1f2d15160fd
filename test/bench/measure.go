// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A cost is what one operation takes.
type cost struct {
	cpu    time.Duration
	allocs float64
}

const (
	passes = 7
	pass   = 250 * time.Millisecond
)

// measure runs operations in turns and returns the median cost of each.
func measure(operations ...func()) []cost {
	all := make([][]cost, len(operations))
	for range passes {
		for i, op := range operations {
			all[i] = append(all[i], once(op))
		}
	}
	out := make([]cost, len(operations))
	for i, costs := range all {
		out[i] = median(costs)
	}
	return out
}

// once repeats an operation for the length of a pass.
func once(op func()) cost {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start, n := cpuTime(), time.Now(), 0
	for ; time.Since(start) < pass; n++ {
		op()
	}
	cpu = cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return cost{cpu: cpu / time.Duration(n), allocs: float64(after.Mallocs-before.Mallocs) / float64(n)}
}

func median(costs []cost) cost {
	cpus, allocs := make([]time.Duration, len(costs)), make([]float64, len(costs))
	for i, c := range costs {
		cpus[i], allocs[i] = c.cpu, c.allocs
	}
	slices.Sort(cpus)
	slices.Sort(allocs)
	return cost{cpu: cpus[len(cpus)/2], allocs: allocs[len(allocs)/2]}
}

// cpuTime is the user and system time of this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // It fails only for arguments that do not exist.
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// liveHeap is what is reachable.
func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
