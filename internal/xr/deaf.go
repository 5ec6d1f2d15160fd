// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"time"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// DeafTTL is how soon to look again at a composite whose events are dropped.
const DeafTTL = 10 * time.Second

// conditionResponsive is Crossplane's word on whether events reach a composite.
// While the circuit breaker is open it is false, and what is changed would be
// noticed no sooner than the next run by time.
const conditionResponsive = "Responsive"

// cooldown is how long an open circuit breaker drops events. After that it lets
// the next one through and closes by it, but says False until there is one: a
// composite that idles would be run for ever to no end.
const cooldown = 5*time.Minute + 30*time.Second

// Deaf tells whether events of a composite are being dropped.
func Deaf(composite wire.Resource, now time.Time) bool {
	for c := range composite.Get("status", "conditions").Items() {
		if c.Get("type").Text() == conditionResponsive {
			return c.Get("status").Text() == "False" && now.Sub(c.Get("lastTransitionTime").Time()) < cooldown
		}
	}
	return false
}
