// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// runsPods are the roles of what is stopped while a stack is asleep, and of
// which nothing that keeps it from running is news until it wakes.
var runsPods = map[expand.Role]bool{
	expand.RoleWorkload: true, expand.RolePreJob: true, expand.RolePostJob: true, expand.RoleCronJob: true,
}

// silent tells whether nothing is told of an object. What moves the switch has
// no part in what runs.
func silent(d gate.Decision, role expand.Role) bool {
	return role == expand.RoleSwitch || d.Asleep && runsPods[role]
}

// wakeUp tells of a stack that wakes this one thing, and not each object's
// states on the way, as coarsen does of a new one.
func wakeUp(findings []finding) []finding {
	woken := make([]finding, 0, len(findings))
	for _, f := range findings {
		if f.weight == progressing && f.role == expand.RoleWorkload {
			f.state, f.reason, f.detail, f.standalone = v1alpha1.PartProgressing, v1alpha1.ReasonWaking, "is waking", false
		}
		woken = append(woken, f)
	}
	return woken
}

// sleepPhase of a stack that is to sleep and of which nothing is wrong. On the
// way it is still what it was; it stops within seconds.
func sleepPhase(in Input) v1alpha1.Phase {
	switch {
	case in.Decision.Stopped:
		return v1alpha1.PhaseAsleep
	case in.Previous.Phase == v1alpha1.PhaseReady || in.Previous.Phase == v1alpha1.PhaseAsleep:
		return v1alpha1.PhaseReady
	}
	return v1alpha1.PhaseProvisioning
}

// sleepDetail says how it wakes.
func sleepDetail(in Input) string {
	switch {
	case !in.Decision.Asleep:
		return ""
	case !in.Decision.Stopped:
		return goingToSleep
	case in.Sleep.Reason == v1alpha1.SleepByTraffic:
		return "wakes when somebody opens it"
	case !in.Sleep.WakesAt.IsZero():
		return "wakes at " + in.Sleep.WakesAt.UTC().Format(time.RFC3339)
	}
	return "wakes on command: annotation " + v1alpha1.AnnotationWake
}

const goingToSleep = "is going to sleep"

// sleepStatus is nil while there is nothing to say.
func sleepStatus(in Input) *v1alpha1.SleepStatus {
	status := v1alpha1.SleepStatus{Reason: in.Sleep.Reason, Detail: strings.Join(shortfalls(in), "; ")}
	if !in.Sleep.WakesAt.IsZero() {
		status.WakesAt = in.Sleep.WakesAt.UTC().Format(time.RFC3339)
	}
	if status == (v1alpha1.SleepStatus{}) {
		return nil
	}
	return &status
}

// shortfalls are what of sleeping is not as it was asked for.
func shortfalls(in Input) []string {
	lines := append([]string(nil), in.Sleep.Ignored...)
	if why := in.Stack.Sleep.Instead; why != "" {
		lines = append(lines, "the stack does not sleep for lack of traffic: "+why)
	}
	if len(in.NoScaler) > 0 {
		lines = append(lines, fmt.Sprintf("the stack does not sleep for lack of traffic: that needs %s, which the cluster does not have",
			strings.Join(in.NoScaler, " and ")))
	}
	return lines
}

// resting are the states of the parts of a stack that is to sleep.
func resting(d gate.Decision) map[stack.Part]v1alpha1.PartStatus {
	states := map[stack.Part]v1alpha1.PartStatus{}
	if !d.Asleep {
		return states
	}
	for _, w := range d.Withheld {
		if runsPods[w.Role] {
			states[w.Part] = v1alpha1.PartStatus{State: v1alpha1.PartAsleep}
		}
	}
	for _, o := range d.Desired {
		if runsPods[o.Role] {
			states[o.Part] = restingState(d, o)
		}
	}
	return states
}

// restingState is the same for all that is on its way, so that falling asleep is
// written twice, and not with each of them. Jobs that run are left to finish.
func restingState(d gate.Decision, o expand.Object) v1alpha1.PartStatus {
	r := d.Health[o.Key]
	switch {
	case r.Reason == v1alpha1.ReasonAsleep && !d.Stopped:
		return v1alpha1.PartStatus{State: v1alpha1.PartProgressing, Detail: goingToSleep}
	case r.Asleep() || o.Role == expand.RoleCronJob:
		return v1alpha1.PartStatus{State: v1alpha1.PartAsleep}
	}
	return v1alpha1.PartStatus{State: r.State, Detail: r.Detail}
}
