// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTotal(t *testing.T) {
	cases := map[string]struct {
		reason string
		hourly string
		active time.Duration
		want   string
	}{
		"Hours":   {"An hour costs what it costs.", "0.0871", 4 * time.Hour, "0.3484"},
		"Third":   {"Twenty minutes are a third, exactly.", "0.3", 20 * time.Minute, "0.1"},
		"Short":   {"Less than shows is nothing.", "0.01", time.Second, "0"},
		"Never":   {"What was not active cost nothing.", "0.01", 0, "0"},
		"NoPrice": {"Without a price there is no cost, which is not none.", "", time.Hour, ""},
		"Huge":    {"A price is not to keep us busy.", "1e999999999", time.Hour, ""},
		"Text":    {"A price that is no number is none.", "cheap", time.Hour, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Total(tc.hourly, tc.active)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
