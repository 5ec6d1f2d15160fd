// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package clock tells whether this process's clock can be trusted with ending
// things. A machine that wakes up in next year, or whose time server lies, would
// otherwise find every stack of a fleet overdue.
//
// It compares what is at hand: the time that the API server puts on each of its
// answers, this machine's wall clock, and the monotonic clock that no step of
// the wall clock moves. It corrects nothing, and it cannot tell which of two
// clocks is wrong.
package clock

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// resolution of the Date header: what it says is at most this much old.
	resolution = time.Second

	// settle is how long the clocks must have agreed before they are trusted
	// again. Of several API servers behind one address one may be wrong, and
	// its answers come between those of the others.
	settle = 30 * time.Second
)

// A reading is both local clocks at one moment.
type reading struct {
	wall time.Time
	// mono grows evenly, from an arbitrary start.
	mono time.Duration
}

// A Guard watches the clocks. The zero value is not usable, see New.
type Guard struct {
	tolerance time.Duration
	read      func() reading

	mu sync.Mutex
	// low and high bound the API server's time at mono zero.
	low, high time.Time
	asked     bool
	dateless  bool
	// wrong is what the last disagreement was, wrongAt when on mono.
	wrong   *Skew
	wrongAt time.Duration
}

// A Skew is two clocks that disagree.
type Skew struct {
	// Local time, and the API server's at the same moment.
	Local, Server time.Time
}

// By is how far the local clock is ahead.
func (s Skew) By() time.Duration { return s.Local.Sub(s.Server) }

// New makes a guard that lets the clocks differ by a tolerance, which should be
// some seconds at least. Zero or less means that everything is trusted.
func New(tolerance time.Duration) *Guard {
	start := time.Now()
	return &Guard{tolerance: tolerance, read: func() reading {
		now := time.Now()
		// Round strips the monotonic part, so that the wall clock's steps show.
		return reading{wall: now.Round(0), mono: now.Sub(start)}
	}}
}

// Wrap watches the answers that a transport gets. It is a
// rest.Config's WrapTransport.
func (g *Guard) Wrap(next http.RoundTripper) http.RoundTripper {
	return transport{guard: g, next: next}
}

type transport struct {
	guard *Guard
	next  http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := t.guard.read()
	response, err := t.next.RoundTrip(request)
	if err == nil {
		t.guard.observe(response.Header.Get("Date"), sent, t.guard.read())
	}
	return response, err
}

// observe takes in what the API server's clock said at some moment between two
// readings.
func (g *Guard) observe(date string, sent, received reading) {
	server, err := http.ParseTime(date)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil {
		g.dateless = true
		return
	}
	// An answer that took longer than the clocks may differ by tells nothing.
	if g.tolerance > resolution && received.mono-sent.mono > g.tolerance {
		return
	}
	g.low, g.high, g.asked = server.Add(-received.mono), server.Add(resolution-sent.mono), true
	g.compare(received)
}

// compare notes down a disagreement.
func (g *Guard) compare(now reading) {
	if skew := g.skew(now); skew.By().Abs() > g.tolerance {
		g.wrong, g.wrongAt = &skew, now.mono
	}
}

// skew is what the clocks differ by at least; Local and Server are the same if
// they may agree.
func (g *Guard) skew(now reading) Skew {
	low, high := g.low.Add(now.mono), g.high.Add(now.mono)
	switch {
	case now.wall.Before(low):
		return Skew{Local: now.wall, Server: low}
	case now.wall.After(high):
		return Skew{Local: now.wall, Server: high}
	}
	return Skew{Local: now.wall, Server: now.wall}
}

// Doubt says why the clock cannot be trusted now; it is empty when it can.
func (g *Guard) Doubt() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.read()
	switch {
	case g.tolerance <= 0:
		return ""
	case !g.asked && g.dateless:
		// Something between us and the API server drops the header. Then there
		// is nothing to compare with, for good.
		return ""
	case !g.asked:
		return "the API server has not told its time yet"
	}
	g.compare(now)
	if g.wrong == nil || now.mono-g.wrongAt > settle {
		return ""
	}
	return fmt.Sprintf("the provider's clock said %s when the API server's said %s: that is %s apart, and %s is tolerated. Nothing ends until they agree; look at time synchronization on both machines, or change --clock-tolerance of the provider",
		g.wrong.Local.UTC().Format(time.RFC3339), g.wrong.Server.UTC().Format(time.RFC3339), g.wrong.By().Abs().Round(time.Second), g.tolerance)
}

// Skew is what the clocks differ by at least, as far as is known.
func (g *Guard) Skew() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.asked {
		return 0
	}
	return g.skew(g.read()).By()
}
