// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

var usual = Bounds{Window: 10 * time.Minute, Minimum: 20, Share: 50}

func TestBrake(t *testing.T) {
	cases := map[string]struct {
		reason string
		bounds Bounds
		stacks int
		// ask so many times, one each second.
		ask  int
		want int
	}{
		"Few":   {"A small fleet may end at once.", usual, 15, 15, 15},
		"Share": {"Of a large one, half.", usual, 60, 60, 30},
		"Over":  {"And never fewer than the minimum.", usual, 30, 30, 20},
		"Off":   {"Without a window nothing is bounded.", Bounds{Minimum: 1}, 60, 60, 60},
		"None":  {"An operator may forbid every end.", Bounds{Window: time.Minute}, 60, 10, 0},
		"Later": {"What left the window makes room.", Bounds{Window: 10 * time.Second, Minimum: 1}, 0, 21, 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			brake, got := NewBrake(tc.bounds), 0
			for i := range tc.ask {
				if brake.End(fmt.Sprint(i), tc.stacks, noon.Add(time.Duration(i)*time.Second)) == nil {
					got++
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestBrakeAgain: an end whose write failed is asked for again, and counts once.
func TestBrakeAgain(t *testing.T) {
	brake := NewBrake(Bounds{Window: time.Minute, Minimum: 1})
	for range 3 {
		if hold := brake.End("a", 0, noon); hold != nil {
			t.Errorf("want a to end, got: %s", hold)
		}
	}
}

// TestBrakeHold: who is held knows until when, also across a restart.
func TestBrakeHold(t *testing.T) {
	brake := NewBrake(Bounds{Window: 10 * time.Minute, Minimum: 2})
	for i, at := range []time.Time{noon.Add(-time.Hour), noon.Add(-5 * time.Minute), noon.Add(-2 * time.Minute), noon.Add(-time.Minute)} {
		brake.Remember(fmt.Sprint(i), at)
	}
	hold := brake.End("new", 0, noon)
	if hold == nil {
		t.Fatal("three ended within the window, and two may: want the fourth held")
	}
	if diff := cmp.Diff(noon.Add(8*time.Minute), hold.Until); diff != "" {
		t.Errorf("until two have left the window: -want, +got:\n%s", diff)
	}
	for _, want := range []string{"3 stacks", "10m0s", "no more than 2", "2026-11-25T12:08:00Z", "--brake-share", "--brake-minimum", "--brake-window=0s"} {
		if !strings.Contains(hold.String(), want) {
			t.Errorf("%q does not mention %q", hold, want)
		}
	}
	if hold := brake.End("new", 0, hold.Until); hold != nil {
		t.Errorf("want it to end then, got: %s", hold)
	}
}
