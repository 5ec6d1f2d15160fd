// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package clock

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// noon is a moment that both clocks know.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// An answer of the API server: what its clock said, and how long it took.
type answer struct {
	// after this long on the monotonic clock.
	after time.Duration
	// date is the server's clock ahead of the true time.
	ahead time.Duration
	took  time.Duration
	// none is an answer without a date.
	none bool
}

func TestDoubt(t *testing.T) {
	cases := map[string]struct {
		reason  string
		answers []answer
		// wall is how far the local wall clock is ahead of the true time, from
		// when it is asked on; before, it is right.
		wall time.Duration
		// at is when it is asked.
		at   time.Duration
		want []string
	}{
		"Agree": {
			reason:  "Clocks that agree are trusted.",
			answers: []answer{{}},
		},
		"Resolution": {
			reason:  "The header has whole seconds, so a part of one tells nothing.",
			answers: []answer{{after: 900 * time.Millisecond}},
			at:      2 * time.Second,
		},
		"Tolerated": {
			reason:  "A little is tolerated.",
			answers: []answer{{ahead: 25 * time.Second}},
		},
		"ServerAhead": {
			reason:  "A server in another hour cannot be told from us being in another hour.",
			answers: []answer{{ahead: time.Hour}},
			want:    []string{"said 2026-11-25T12:00:00Z", "said 2026-11-25T13:00:00Z", "1h0m0s apart", "30s is tolerated", "--clock-tolerance"},
		},
		"ServerBehind": {
			reason:  "The other way round, too.",
			answers: []answer{{ahead: -time.Hour}},
			want:    []string{"59m59s apart"},
		},
		"LocalStep": {
			reason:  "A step of the local clock shows before the next answer, by the monotonic clock.",
			answers: []answer{{}},
			wall:    48 * time.Hour,
			at:      time.Minute,
			want:    []string{"said 2026-11-27T12:01:00Z", "47h59m59s apart"},
		},
		"Slow": {
			reason:  "An answer that took a minute may be as old, so it tells nothing.",
			answers: []answer{{}, {after: time.Second, took: time.Minute, ahead: -time.Hour}},
			at:      2 * time.Minute,
		},
		"NotYetSettled": {
			reason:  "One of several servers is wrong, and the last answer was another's.",
			answers: []answer{{ahead: time.Hour}, {after: time.Second}},
			at:      10 * time.Second,
			want:    []string{"1h0m0s apart"},
		},
		"Settled": {
			reason:  "Once they have agreed for a while, the clock is trusted again.",
			answers: []answer{{ahead: time.Hour}, {after: time.Second}},
			at:      time.Minute,
		},
		"NeverAsked": {
			reason: "Before the first answer nothing is known.",
			want:   []string{"has not told its time yet"},
		},
		"NoDate": {
			reason:  "Without the header there is nothing to compare with, ever.",
			answers: []answer{{none: true}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			g := New(30 * time.Second)
			for _, a := range tc.answers {
				sent := reading{wall: noon.Add(a.after), mono: a.after}
				received := reading{wall: sent.wall.Add(a.took), mono: sent.mono + a.took}
				date := sent.wall.Add(a.ahead).Format(http.TimeFormat)
				if a.none {
					date = ""
				}
				g.observe(date, sent, received)
			}
			g.read = func() reading { return reading{wall: noon.Add(tc.at + tc.wall), mono: tc.at} }
			got := g.Doubt()
			if (got == "") != (len(tc.want) == 0) {
				t.Fatalf("%s\ngot %q", tc.reason, got)
			}
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("%s\n%q does not mention %q", tc.reason, got, want)
				}
			}
		})
	}
}

// TestWrap: answers of a real server are looked at, and passed on as they are.
func TestWrap(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	g := New(30 * time.Second)
	client := &http.Client{Transport: g.Wrap(http.DefaultTransport)}
	response, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if diff := cmp.Diff(http.StatusTeapot, response.StatusCode); diff != "" {
		t.Errorf("status: -want, +got:\n%s", diff)
	}
	if g.Doubt() == "" {
		t.Error("a server an hour ahead raises no doubt")
	}
	if skew := g.Skew().Round(time.Minute); skew != -time.Hour {
		t.Errorf("want the local clock an hour behind, got %s", skew)
	}
}
