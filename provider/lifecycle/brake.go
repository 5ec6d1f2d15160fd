// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Bounds say how many stacks may end at once. A fleet that ends as one has more
// likely a wrong clock, a wrong class or a wrong script behind it than a reason.
type Bounds struct {
	// Window in which ends are counted. Zero: nothing is bounded.
	Window time.Duration
	// Minimum that may end in a window, however few there are.
	Minimum int
	// Share of all stacks that may end in a window, in percent.
	Share int
}

// limit is how many of so many stacks may end within a window.
func (b Bounds) limit(stacks int) int { return max(b.Minimum, stacks*b.Share/100) }

// A Brake lets only so many stacks end at once. It may be used concurrently.
type Brake struct {
	bounds Bounds

	mu sync.Mutex
	// ends within the window, by what ended.
	ends map[string]time.Time
}

// NewBrake makes a brake that remembers nothing yet.
func NewBrake(bounds Bounds) *Brake {
	return &Brake{bounds: bounds, ends: map[string]time.Time{}}
}

// A Hold says why something may not end yet.
type Hold struct {
	// Limit of the window, and how many have ended in it.
	Limit, Ended int
	// Until when there will be room again, should nothing else take it.
	Until time.Time

	bounds Bounds
}

// String tells an operator what holds the end, and how to go on.
func (h *Hold) String() string {
	return fmt.Sprintf("%d stacks became due within %s, and no more than %d may at once. This one goes on by itself at %s. If so many are meant to end, raise --brake-share (%d) or --brake-minimum (%d) of the provider, or switch the brake off by --brake-window=0s",
		h.Ended, h.bounds.Window, h.Limit, h.Until.UTC().Format(time.RFC3339), h.bounds.Share, h.bounds.Minimum)
}

// Remember an end of an earlier process.
func (b *Brake) Remember(what string, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ends[what] = at
}

// End lets something end, or says why not. So many stacks are there in all.
// Asking again for what was let through is not counted again: its write may have
// failed.
func (b *Brake) End(what string, stacks int, now time.Time) *Hold {
	if b.bounds.Window <= 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	times := b.recent(now)
	if _, again := b.ends[what]; again {
		return nil
	}
	limit := b.bounds.limit(stacks)
	if len(times) < limit {
		b.ends[what] = now
		return nil
	}
	hold := &Hold{Limit: limit, Ended: len(times), Until: now.Add(b.bounds.Window), bounds: b.bounds}
	if room := len(times) - limit; room < len(times) {
		// When as many have left the window as are too many, and one more.
		hold.Until = times[room].Add(b.bounds.Window)
	}
	return hold
}

// recent forgets what left the window, and returns when the rest ended.
func (b *Brake) recent(now time.Time) []time.Time {
	times := make([]time.Time, 0, len(b.ends))
	for what, at := range b.ends {
		if now.Sub(at) >= b.bounds.Window {
			delete(b.ends, what)
			continue
		}
		times = append(times, at)
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}
