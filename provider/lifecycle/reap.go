// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

// reapAt is when the claim is deleted; zero if it is not. What was held gets its
// grace in full: until then an extension brings the stack back.
func reapAt(lease *lifecyclev1alpha1.StackLease) time.Time {
	if !lease.Status.Due || lease.Status.DueSince == nil || lease.Spec.OnExpire != lifecyclev1alpha1.EndDelete || lease.Spec.Deadline == nil {
		return time.Time{}
	}
	from := lease.Spec.Deadline.Time
	if lease.Status.DueSince.After(from) {
		from = lease.Status.DueSince.Time
	}
	if lease.Spec.DeleteAfter != nil {
		from = from.Add(lease.Spec.DeleteAfter.Duration)
	}
	return from
}

// reap deletes the claim of a stack whose time is up, or the composite that has
// none.
func (v *visit) reap(ctx context.Context) error {
	at := reapAt(v.lease)
	doubt := v.clock.Doubt()
	switch {
	case at.IsZero():
		v.unset(lifecyclev1alpha1.ConditionReaped)
		return nil
	case v.at.Before(at):
		v.spare(lifecyclev1alpha1.ReasonWaitingForGrace, "it is deleted at "+at.UTC().Format(time.RFC3339)+", unless the deadline is moved")
		v.again(at.Sub(v.at))
		return nil
	case doubt != "":
		v.spare(lifecyclev1alpha1.ReasonClockSkew, "it is not deleted while the provider's clock and the API server's differ")
		v.again(doubtRetry)
		return nil
	}
	target, why, err := v.target(ctx)
	switch {
	case err != nil:
		return err
	case why != "":
		v.spare(lifecyclev1alpha1.ReasonReplaced, why)
		return nil
	case target == nil || meta.WasDeleted(target):
		// By us, in a visit whose status could not be written, or by others.
		v.set(lifecyclev1alpha1.ConditionReaped, corev1.ConditionTrue, lifecyclev1alpha1.ReasonDeleting, "it has been deleted")
		return nil
	}
	return v.delete(ctx, target)
}

// spare says why the claim is not deleted. The same reason is told once.
func (v *visit) spare(reason, message string) {
	old := v.lease.Status.GetCondition(lifecyclev1alpha1.ConditionReaped)
	v.set(lifecyclev1alpha1.ConditionReaped, corev1.ConditionFalse, reason, message)
	if string(old.Reason) != reason && reason != lifecyclev1alpha1.ReasonWaitingForGrace {
		v.tell(false, reason, message)
		v.tallies = append(v.tallies, deletions.WithLabelValues(reason).Inc)
	}
}

// target is what to delete: nil when it is not there any more, or, as why says,
// not the one that the lease knows.
func (v *visit) target(ctx context.Context) (target *unstructured.Unstructured, why string, err error) {
	spec := v.lease.Spec
	composite, err := v.read(ctx, spec.Composite)
	if err != nil {
		return nil, "", err
	}
	if composite == nil || string(composite.GetUID()) != spec.Composite.UID {
		return nil, fmt.Sprintf("%s %s is not the one of this lease any more, so nothing is deleted", spec.Composite.Kind, spec.Composite.Name), nil
	}
	if spec.Claim == nil {
		return composite, "", nil
	}
	claim, err := v.read(ctx, *spec.Claim)
	if err != nil {
		return nil, "", err
	}
	if claim == nil {
		return nil, "", nil
	}
	if bound, _, _ := unstructured.NestedString(claim.Object, "spec", "resourceRef", "name"); bound != spec.Composite.Name {
		return nil, fmt.Sprintf("%s is bound to composite %q and not to %s, so it is not deleted", describe(claim), bound, spec.Composite.Name), nil
	}
	return claim, "", nil
}

// read gets an object from the API server; nil if it is not there.
func (v *visit) read(ctx context.Context, ref lifecyclev1alpha1.OwnerReference) (*unstructured.Unstructured, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
	err := v.live.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, object)
	switch {
	case absent(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot look at %s %s: %w", ref.Kind, ref.Name, err)
	}
	return object, nil
}

// delete deletes what has been found to be the lease's, if nothing speaks
// against it.
func (v *visit) delete(ctx context.Context, target *unstructured.Unstructured) error {
	by, err := v.trackedBy(ctx, target)
	switch {
	case err != nil:
		return err
	case by != "" && !v.lease.Spec.DeleteTracked:
		v.spare(lifecyclev1alpha1.ReasonTracked, describe(target)+" is not deleted: "+by+". Delete it where it comes from, or set deleteTracked in the class's lifecycle")
		return nil
	case v.lease.Spec.DryRun:
		v.spare(lifecyclev1alpha1.ReasonDryRun, describe(target)+" would be deleted now; dryRun keeps it")
		return nil
	}
	moved, err := v.moved(ctx)
	if err != nil || moved {
		v.again(time.Second)
		return err
	}
	if reserved := v.deletions.ReserveN(v.at, 1); reserved.DelayFrom(v.at) > 0 {
		wait := reserved.DelayFrom(v.at)
		reserved.CancelAt(v.at)
		v.spare(lifecyclev1alpha1.ReasonWaitingForTurn, "other claims are deleted first: --deletions-per-minute of the provider bounds how many are")
		v.again(jitter(wait))
		return nil
	}
	if err := v.deleteThis(ctx, target); err != nil {
		return err
	}
	v.set(lifecyclev1alpha1.ConditionReaped, corev1.ConditionTrue, lifecyclev1alpha1.ReasonDeleting, "it has been deleted")
	// Not once the status is written: the next visit would find nothing to tell.
	deletions.WithLabelValues(lifecyclev1alpha1.ReasonDeleting).Inc()
	ref := *cmp.Or(v.lease.Spec.Claim, &v.lease.Spec.Composite)
	ref.UID = string(target.GetUID())
	v.voice.say(note{about: ref, normal: true, reason: lifecyclev1alpha1.ReasonDeleting, text: describe(target) + " has been deleted: its time was up at " + text(v.lease.Spec.Deadline)})
	return nil
}

// moved tells whether somebody gave the stack more time than this visit knows.
func (v *visit) moved(ctx context.Context) (bool, error) {
	fresh := &lifecyclev1alpha1.StackLease{}
	if err := v.live.Get(ctx, client.ObjectKeyFromObject(v.lease), fresh); err != nil {
		return false, fmt.Errorf("cannot look at lease %s again: %w", v.lease.Name, err)
	}
	return fresh.UID != v.lease.UID || fresh.Generation != v.lease.Generation || !fresh.Status.Due, nil
}

// deleteThis deletes the object that was looked at, and no later one or one
// that has changed since, for example by an extension.
func (v *visit) deleteThis(ctx context.Context, target *unstructured.Unstructured) error {
	uid, version := target.GetUID(), target.GetResourceVersion()
	options := []client.DeleteOption{client.Preconditions{UID: &uid, ResourceVersion: &version}}
	if v.lease.Spec.Claim == nil {
		// What it composed goes first. Of a claim's composite, the claim says so
		// itself, by its compositeDeletePolicy.
		options = append(options, client.PropagationPolicy(metav1.DeletePropagationForeground))
	}
	err := v.client.Delete(ctx, target, options...)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot delete %s: %w", describe(target), err)
	}
	return nil
}

func describe(o client.Object) string {
	kind := o.GetObjectKind().GroupVersionKind().Kind
	if o.GetNamespace() == "" {
		return kind + " " + o.GetName()
	}
	return kind + " " + o.GetNamespace() + "/" + o.GetName()
}
