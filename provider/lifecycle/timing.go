// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A turn is what a lease's time asks for.
type turn int

const (
	// ahead: the deadline is ahead, or there is none.
	ahead turn = iota
	// over: it has passed, and this is known.
	over
	// passing: it has passed, and the stack may end now.
	passing
	// doubted: it has passed or not: the clock cannot be trusted to say so.
	doubted
)

// turnOf tells what a lease's time asks for.
func turnOf(spec lifecyclev1alpha1.StackLeaseSpec, status lifecyclev1alpha1.StackLeaseStatus, doubt bool, now time.Time) turn {
	passed := spec.Deadline != nil && !now.Before(spec.Deadline.Time)
	moved := !spec.Deadline.Equal(status.ObservedDeadline)
	switch {
	case status.Due && doubt && !moved:
		// A clock that was put back does not bring a stack back.
		return over
	case !passed:
		return ahead
	case status.Due:
		return over
	case doubt:
		return doubted
	}
	return passing
}

// keepTime says whether the deadline has passed.
func (v *visit) keepTime(ctx context.Context) error {
	s := &v.lease.Status
	v.set(xpv2.TypeReady, corev1.ConditionTrue, lifecyclev1alpha1.ReasonKept, "")
	doubt := v.clock.Doubt()
	turn := turnOf(v.lease.Spec, *s, doubt != "", v.at)
	s.ObservedDeadline = v.lease.Spec.Deadline
	switch turn {
	case ahead:
		s.Due, s.DueSince = false, nil
		v.set(lifecyclev1alpha1.ConditionHeld, corev1.ConditionFalse, lifecyclev1alpha1.ReasonOnTime, "")
		if s.ObservedDeadline != nil {
			v.again(s.ObservedDeadline.Sub(v.at))
		}
	case over:
		v.set(lifecyclev1alpha1.ConditionHeld, corev1.ConditionFalse, lifecyclev1alpha1.ReasonOnTime, "")
	case doubted:
		v.holdBack(lifecyclev1alpha1.ReasonClockSkew, doubt)
		v.again(doubtRetry)
	case passing:
		return v.pass(ctx)
	}
	return nil
}

// pass makes the lease due, unless too many become so at once.
func (v *visit) pass(ctx context.Context) error {
	stacks, err := v.stacks(ctx, v.at)
	if err != nil {
		return err
	}
	if hold := v.brake.End(endKey(v.lease), stacks, v.at); hold != nil {
		v.holdBack(lifecyclev1alpha1.ReasonTooManyAtOnce, hold.String())
		v.again(hold.Until.Sub(v.at))
		return nil
	}
	s, now := &v.lease.Status, metav1.NewTime(v.at)
	s.Due, s.DueSince = true, &now
	v.set(lifecyclev1alpha1.ConditionHeld, corev1.ConditionFalse, lifecyclev1alpha1.ReasonOnTime, "")
	late := v.at.Sub(s.ObservedDeadline.Time)
	v.tallies = append(v.tallies, func() { dueDelay.Observe(late.Seconds()) })
	v.tell(false, eventExpired, "the time of this stack was up at "+text(s.ObservedDeadline)+"; "+v.fate())
	return nil
}

// holdBack says why a lease that is overdue is not due.
func (v *visit) holdBack(reason, message string) {
	held := v.lease.Status.GetCondition(lifecyclev1alpha1.ConditionHeld)
	v.lease.Status.Due, v.lease.Status.DueSince = false, nil
	if held.Status == corev1.ConditionTrue && held.Reason == xpv2.ConditionReason(reason) && reason == lifecyclev1alpha1.ReasonClockSkew {
		// The times in the message go on; that is no news.
		return
	}
	v.set(lifecyclev1alpha1.ConditionHeld, corev1.ConditionTrue, reason, message)
	if held.Reason != xpv2.ConditionReason(reason) {
		v.tell(false, reason, message)
		v.tallies = append(v.tallies, holds.WithLabelValues(reason).Inc)
	}
}

// recount is how long a count of stacks holds: a thousand that are due at once
// are not counted a thousand times.
const recount = time.Second

// stacks counts those that live, and those that ended so lately that the brake
// may have counted them.
func (r *Leases) stacks(ctx context.Context, now time.Time) (int, error) {
	r.counting.Lock()
	defer r.counting.Unlock()
	if age := now.Sub(r.counted); age >= 0 && age < recount {
		return r.count, nil
	}
	leases := &lifecyclev1alpha1.StackLeaseList{}
	if err := r.client.List(ctx, leases, client.UnsafeDisableDeepCopy); err != nil {
		return 0, fmt.Errorf("cannot count stacks: %w", err)
	}
	r.count, r.counted = 0, now
	for i := range leases.Items {
		l := &leases.Items[i]
		lately := l.Status.DueSince != nil && now.Sub(l.Status.DueSince.Time) < r.brake.bounds.Window
		if l.Spec.State == lifecyclev1alpha1.LeaseActive || lately {
			r.count++
		}
	}
	return r.count, nil
}

// endKey names one end of one lease: one that was extended may end again.
func endKey(lease *lifecyclev1alpha1.StackLease) string {
	return string(lease.UID) + "/" + text(lease.Spec.Deadline)
}

// warn tells once for each deadline that it comes near.
func (v *visit) warn() {
	spec, s := v.lease.Spec, &v.lease.Status
	if spec.Deadline == nil || spec.WarnBefore == nil || spec.WarnBefore.Duration <= 0 || spec.State != lifecyclev1alpha1.LeaseActive {
		return
	}
	from := spec.Deadline.Add(-spec.WarnBefore.Duration)
	switch {
	case s.Due || !v.at.Before(spec.Deadline.Time) || spec.Deadline.Equal(s.WarnedFor):
	case v.at.Before(from):
		v.again(from.Sub(v.at))
	default:
		s.WarnedFor = spec.Deadline
		v.tell(false, eventExpiresSoon, "this stack expires at "+text(spec.Deadline)+"; "+v.fate()+" To keep it longer: "+extend(spec))
	}
}

// fate is what the end of the stack means for its owner.
func (v *visit) fate() string {
	spec := v.lease.Spec
	switch {
	case spec.Claim == nil || spec.OnExpire != lifecyclev1alpha1.EndDelete:
		return "everything in it is removed then, and what asked for it is kept."
	case spec.DeleteAfter == nil || spec.DeleteAfter.Duration == 0:
		return "everything in it is removed then, and its claim is deleted."
	}
	return "everything in it is removed then, and its claim is deleted " + spec.DeleteAfter.Duration.String() + " later."
}

// longer is by how much the command in a warning extends a stack.
const longer = 4 * time.Hour

// extend is the command that moves the deadline.
func extend(spec lifecyclev1alpha1.StackLeaseSpec) string {
	ref, namespace := spec.Composite, ""
	if spec.Claim != nil {
		ref, namespace = *spec.Claim, " -n "+spec.Claim.Namespace
	}
	group, _, _ := strings.Cut(ref.APIVersion, "/")
	return fmt.Sprintf("kubectl annotate %s.%s %s%s --overwrite %s=%s",
		strings.ToLower(ref.Kind), group, ref.Name, namespace, v1alpha1.AnnotationExtendUntil, spec.Deadline.Add(longer).UTC().Format(time.RFC3339))
}

// set writes a condition.
func (v *visit) set(condition xpv2.ConditionType, status corev1.ConditionStatus, reason, message string) {
	c := xpv2.Condition{
		Type: condition, Status: status, Reason: xpv2.ConditionReason(reason), Message: message, LastTransitionTime: metav1.NewTime(v.at),
	}
	if old := v.lease.Status.GetCondition(condition); old.Status == status {
		c.LastTransitionTime = old.LastTransitionTime
	}
	v.lease.Status.SetConditions(c)
}

// unset removes a condition that says nothing any more.
func (v *visit) unset(condition xpv2.ConditionType) {
	v.lease.Status.Conditions = slices.DeleteFunc(v.lease.Status.Conditions, func(c xpv2.Condition) bool { return c.Type == condition })
}

func text(t *metav1.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
