// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import "fmt"

// daemonSet is ready when each node it is meant for runs an available pod of
// its current template.
func daemonSet(o Observed, _ Options) Result {
	var d struct {
		Status struct {
			ObservedGeneration     int64 `json:"observedGeneration"`
			DesiredNumberScheduled int32 `json:"desiredNumberScheduled"`
			UpdatedNumberScheduled int32 `json:"updatedNumberScheduled"`
			NumberAvailable        int32 `json:"numberAvailable"`
		} `json:"status"`
	}
	if err := o.Decode(&d, "status"); err != nil {
		return unreadable(err)
	}
	s := d.Status
	switch {
	case s.ObservedGeneration < o.Generation():
		return waiting("has a change that is not picked up yet")
	case s.UpdatedNumberScheduled < s.DesiredNumberScheduled:
		return waiting(fmt.Sprintf("has %d of %d pods of its new revision", s.UpdatedNumberScheduled, s.DesiredNumberScheduled))
	case s.NumberAvailable < s.DesiredNumberScheduled:
		return waiting(fmt.Sprintf("has %d of %d pods ready", s.NumberAvailable, s.DesiredNumberScheduled))
	}
	return ready(o.CreatedAt())
}
