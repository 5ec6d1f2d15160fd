// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/sleep"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// route leaves out the routes of the way that requests are not to take. What
// wakes stacks may be missing: then they keep their routes from the gateway, and
// lacking names what the cluster does not have.
func (r *run) route(s *stack.Stack, objects []expand.Object) (routed []expand.Object, way expand.Way, lacking []string) {
	if !s.Sleep.Intercepted {
		return objects, expand.WayDirect, nil
	}
	way = expand.WayDirect
	if s.Sleep.Mode == v1alpha1.SleepTraffic {
		if lacking = r.lacking(objects); len(lacking) == 0 {
			way = expand.WayIntercepted
		}
	}
	return gate.Choose(objects, way, gate.World{Observed: r.see}), way, lacking
}

// lacking are the kinds that sleeping for lack of traffic needs, and that the
// cluster does not have. Until it has answered, it is taken to have them: the
// next round then asks for the same, as a rule.
func (r *run) lacking(objects []expand.Object) []string {
	needed, lacking := []string{expand.ScalerCRD}, []string(nil)
	inUse := map[string]bool{expand.ScalerCRD: r.observed.Has(expand.SleepSwitchKey)}
	for _, o := range objects {
		if o.Way == expand.WayIntercepted {
			needed = append(needed, o.NeedsCRD)
			inUse[o.NeedsCRD] = inUse[o.NeedsCRD] || r.observed.Has(o.Key)
		}
	}
	for crd, there := range r.kinds(needed, inUse) {
		if !there && !r.open {
			lacking = append(lacking, crd)
		}
	}
	slices.Sort(lacking)
	return lacking
}

// sleep decides whether the stack sleeps.
func (r *run) sleep(s *stack.Stack, objects []expand.Object, way expand.Way) (sleep.Decision, error) {
	mode := s.Sleep.Mode
	if mode == v1alpha1.SleepTraffic && way == expand.WayDirect {
		mode = v1alpha1.SleepSchedule
	}
	var lever struct {
		Spec struct {
			Replicas *int32 `json:"replicas"`
		} `json:"spec"`
	}
	if err := r.observed.Get(expand.SleepSwitchKey).Decode(&lever, "spec.replicas"); err != nil {
		return sleep.Decision{}, fmt.Errorf("cannot read %s: %w", expand.SleepSwitchKey, err)
	}
	return sleep.Decide(sleep.Input{
		Mode: mode, After: s.Sleep.After, Windows: s.Class.Sleep.Schedules, Zone: time.LoadLocation,
		Wake:    r.composite.Annotation(v1alpha1.AnnotationWake),
		Sleep:   r.composite.Annotation(v1alpha1.AnnotationSleep),
		Switch:  lever.Spec.Replicas,
		Settled: r.stack.Status.Revision == s.Source.Revision && gate.Settled(objects, gate.World{Observed: r.see}),
		UpSince: r.upSince(),
		Now:     r.now,
	}), nil
}

// upSince is when the stack became ready, zero if it is not, or sleeps. A
// condition changes its time with its reason.
func (r *run) upSince() time.Time {
	c := meta.FindStatusCondition(r.stack.Status.Conditions, v1alpha1.ConditionWorkloadsReady)
	if c == nil || c.Reason != v1alpha1.ReasonReady {
		return time.Time{}
	}
	return c.LastTransitionTime.Time
}

// waking is whether the stack slept at most so long ago, and has not been up
// since.
func (r *run) waking(within time.Duration) bool {
	c := meta.FindStatusCondition(r.stack.Status.Conditions, v1alpha1.ConditionWorkloadsReady)
	switch {
	case c == nil:
		return false
	case c.Reason == v1alpha1.ReasonWaking:
		return r.now.Sub(c.LastTransitionTime.Time) < within
	}
	return c.Reason == v1alpha1.ReasonAsleep
}

// until is when to look again so as not to miss a time, should Crossplane take a
// tenth longer: early, and then again. Zero is never.
func (r *run) until(next time.Time, ttl time.Duration) time.Duration {
	if next.IsZero() {
		return ttl
	}
	left := next.Sub(r.now)
	if left > time.Minute {
		left = left * 9 / 10
	}
	return min(ttl, max(left, time.Second))
}
