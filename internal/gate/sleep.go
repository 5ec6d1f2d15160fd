// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A stack falls asleep from its clients to what they depend on, and wakes the
// other way round, so that nothing ever runs without what it needs. Nothing
// remembers how far it is: each pass looks at the Deployments, and stops or
// starts those whose turn it is. Their templates stay as they are, so that
// waking rolls nothing out.

// Settled tells whether the jobs of a revision are through, for better or
// worse. Until then a stack must not fall asleep by itself: jobs need the
// services, and some run before these have the new revision.
func Settled(objects []expand.Object, w World) bool {
	return !slices.ContainsFunc(objects, func(o expand.Object) bool {
		if o.Role != expand.RolePreJob && o.Role != expand.RolePostJob {
			return false
		}
		r := judge(o, w)
		return !r.Ready() && !r.Failed()
	})
}

// rest stops what runs of a stack that is asleep, and says what of a stack that
// wakes has to wait for its turn.
func (l *lookout) rest(o expand.Object, seen sighting) (expand.Object, *blocker) {
	switch {
	case o.Role == expand.RoleCronJob && l.world.Asleep:
		return pause(o), nil
	case !sleeps(o):
		return o, nil
	case l.world.Asleep:
		if seen.asked == 0 || l.unused(o) {
			return stopped(o), nil
		}
		return o, nil
	case seen.asked > 0:
		return o, nil
	}
	if b := l.turn(o); b != nil {
		return stopped(o), b
	}
	return o, nil
}

// sleeps tells whether an object runs pods that stop while its stack is asleep.
// What is to have none anyway stays as it is.
func sleeps(o expand.Object) bool {
	d, ok := o.Object.(*appsv1.Deployment)
	return ok && o.Role == expand.RoleWorkload && ptr.Deref(d.Spec.Replicas, 1) > 0
}

func stopped(o expand.Object) expand.Object {
	if d, ok := o.Object.(*appsv1.Deployment); ok {
		still := *d
		still.Spec.Replicas = ptr.To(int32(0))
		o.Object = &still
	}
	return o
}

// turn says what a workload that wakes has to wait for.
func (l *lookout) turn(o expand.Object) *blocker {
	for _, part := range l.before(o.DependsOn) {
		if b := l.part(part); b != nil {
			b.reason = v1alpha1.ReasonWaking
			return b
		}
	}
	return nil
}

// unused tells whether all that needs a workload has stopped. What PreDeploy
// jobs need goes last: the data of a stack, as a rule, which its services use
// whether they say so or not.
func (l *lookout) unused(o expand.Object) bool {
	return !slices.ContainsFunc(l.objects, func(client expand.Object) bool {
		if !sleeps(client) || client.Key == o.Key {
			return false
		}
		needs := o.BeforeJobs && !client.BeforeJobs || slices.Contains(l.before(client.DependsOn), o.Part)
		seen, observed := l.seen[client.Key]
		return needs && observed && !seen.stopped()
	})
}

// before are the parts that must run before something starts again. A job that
// it once waited for does not run again, but what the job needed, it needs too.
func (l *lookout) before(deps []stack.Dependency) []stack.Part {
	var parts []stack.Part
	for _, dep := range deps {
		switch dep.Part.Kind { //nolint:exhaustive // No other part stops.
		case stack.PartService, stack.PartMock:
			parts = append(parts, dep.Part)
		case stack.PartJob:
			for _, job := range l.byPart[dep.Part] {
				parts = append(parts, l.before(job.DependsOn)...)
			}
		}
	}
	return parts
}

// rested judges a workload of a stack that is asleep, or was. To the rule of its
// kind, none of no pods is as good as all of them.
func (l *lookout) rested(o expand.Object, seen sighting, r health.Result) health.Result {
	switch {
	case !sleeps(o):
		return r
	case l.world.Asleep && seen.stopped():
		return health.Result{State: v1alpha1.PartAsleep, Reason: v1alpha1.ReasonAsleep}
	case l.world.Asleep:
		return health.Result{State: v1alpha1.PartProgressing, Reason: v1alpha1.ReasonAsleep, Detail: "is going to sleep"}
	case seen.asked == 0:
		return health.Result{State: v1alpha1.PartProgressing, Reason: v1alpha1.ReasonWaking, Detail: "is waking"}
	}
	return r
}

// awake: nothing that runs pods is made while the stack is asleep.
func (l *lookout) awake(expand.Object) *blocker {
	if !l.world.Asleep {
		return nil
	}
	return &blocker{reason: v1alpha1.ReasonAsleep, detail: "waits for the stack to wake"}
}

// stopped tells whether all pods have gone.
func (l *lookout) stopped() bool {
	return !slices.ContainsFunc(l.objects, func(o expand.Object) bool {
		seen, observed := l.seen[o.Key]
		return observed && sleeps(o) && !seen.stopped()
	})
}
