// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

// use notes that the stack is in use, and forgets an end that was begun.
func (v *visit) use() {
	s := &v.lease.Status
	if s.ActiveSince == nil {
		since := v.lease.CreationTimestamp
		if s.Receipt != "" {
			// It has ended once, and is back.
			since = metav1.NewTime(v.at)
		}
		s.ActiveSince = &since
	}
	s.Receipt = ""
	v.forgetEnd()
	v.set(lifecyclev1alpha1.ConditionGone, corev1.ConditionFalse, lifecyclev1alpha1.ReasonInUse, "")
}

func (v *visit) forgetEnd() {
	s := &v.lease.Status
	s.RemovingSince, s.Found, s.Left, s.Leftovers = nil, nil, nil, nil
}

// retire proves that a stack is gone whose claim is kept.
func (v *visit) retire(ctx context.Context) error {
	s := &v.lease.Status
	if s.Receipt != "" {
		return nil
	}
	receipt, err := v.remove(ctx, lifecyclev1alpha1.ReceiptRetired, ptr.Deref(v.lease.Spec.Composed, 0))
	if err != nil || receipt == nil {
		return err
	}
	s.Receipt, s.ActiveSince = receipt.Name, nil
	v.forgetEnd()
	reason := lifecyclev1alpha1.ReasonNothingLeft
	if receipt.Spec.Outcome == lifecyclev1alpha1.OutcomeAbandoned {
		reason = lifecyclev1alpha1.ReasonAbandoned
	}
	v.set(lifecyclev1alpha1.ConditionGone, corev1.ConditionTrue, reason, "see StackReceipt "+receipt.Name)
	return nil
}

// release lets a deleted lease go once nothing of its stack is left.
func (v *visit) release(ctx context.Context) (reconcile.Result, error) {
	if !controllerutil.ContainsFinalizer(v.lease, lifecyclev1alpha1.FinalizerReceipt) {
		return reconcile.Result{}, nil
	}
	composite, err := v.read(ctx, v.lease.Spec.Composite)
	if apierrors.IsForbidden(err) {
		v.set(lifecyclev1alpha1.ConditionGone, corev1.ConditionFalse, lifecyclev1alpha1.ReasonLeftovers, "cannot tell whether the composite is gone: "+forbidden(err))
		return v.save(ctx, nil)
	}
	if err != nil {
		return reconcile.Result{}, err
	}
	if composite != nil && string(composite.GetUID()) == v.lease.Spec.Composite.UID && !meta.WasDeleted(composite) {
		// Somebody deleted the lease of a stack that lives, whose function makes
		// it anew at once. To wait for the stack's end would be to wait for ever.
		v.log.Info("A lease was deleted and its stack was not; it ends without a receipt", "lease", v.lease.Name)
		return reconcile.Result{}, v.letGo(ctx)
	}
	receipt, err := v.remove(ctx, lifecyclev1alpha1.ReceiptDeleted, composedOf(composite))
	if err != nil || receipt == nil {
		return v.save(ctx, err)
	}
	if err := v.letGo(ctx); err != nil {
		return reconcile.Result{}, err
	}
	v.before = *v.lease.Status.DeepCopy() // It is gone: there is nothing to write.
	_, err = v.save(ctx, nil)
	return reconcile.Result{}, err
}

func (v *visit) letGo(ctx context.Context) error {
	before := v.lease.DeepCopy()
	controllerutil.RemoveFinalizer(v.lease, lifecyclev1alpha1.FinalizerReceipt)
	return client.IgnoreNotFound(v.patchMeta(ctx, before))
}

// composedOf counts what a composite that is being deleted was composed of. Most
// of that is gone before the lease is looked at.
func composedOf(composite *unstructured.Unstructured) int32 {
	if composite == nil {
		return 0
	}
	n := 0
	for _, path := range [][]string{{"spec", "resourceRefs"}, {"spec", "crossplane", "resourceRefs"}} {
		refs, _, _ := unstructured.NestedSlice(composite.Object, path...)
		for _, ref := range refs {
			fields, _ := ref.(map[string]any)
			apiVersion, _ := fields["apiVersion"].(string)
			if !kept[schema.FromAPIVersionAndKind(apiVersion, "").Group] {
				n++
			}
		}
	}
	return count(n)
}

// remove looks for what is left, of as much as was composed. It returns the receipt once that is nothing, or
// somebody has ended the wait. It never waits for claim and composite: they wait
// for the lease.
func (v *visit) remove(ctx context.Context, event lifecyclev1alpha1.ReceiptEvent, composed int32) (*lifecyclev1alpha1.StackReceipt, error) {
	s := &v.lease.Status
	// The receipt's name follows from when the end began. So that is written
	// before there is a receipt: a process that is killed in between finds the
	// receipt it has made, and makes no second one.
	known := s.RemovingSince != nil
	if !known {
		s.RemovingSince = ptr.To(metav1.NewTime(v.at.Truncate(time.Second)))
	}
	abandoned := v.lease.Annotations[lifecyclev1alpha1.AnnotationAbandon]
	if abandoned != "" {
		s.Leftovers = nil // The receipt is to list all.
	}
	found, err := v.look(ctx)
	if err != nil || found == nil {
		return nil, err
	}
	s.Found = ptr.To(max(ptr.Deref(s.Found, 0), count(found.left), composed))
	switch {
	case known && found.clean():
		return v.receipt(ctx, MakeReceipt(v.lease, found, event, "", v.at))
	case known && abandoned != "":
		return v.receipt(ctx, MakeReceipt(v.lease, found, event, abandoned, v.at))
	case found.clean():
		v.again(0)
		return nil, nil
	}
	s.Left, s.Leftovers = ptr.To(count(found.left)), found.leftovers
	v.set(lifecyclev1alpha1.ConditionGone, corev1.ConditionFalse, lifecyclev1alpha1.ReasonLeftovers, sayLeft(found))
	v.again(patience(v.at.Sub(s.RemovingSince.Time)))
	return nil, nil
}

// patience is when to look again for what is left after so long: soon at first,
// and never so late that people wait for us.
func patience(since time.Duration) time.Duration {
	return min(max(since/4, time.Second), 15*time.Second)
}

// receipt makes the receipt, unless an earlier visit has.
func (v *visit) receipt(ctx context.Context, receipt *lifecyclev1alpha1.StackReceipt) (*lifecyclev1alpha1.StackReceipt, error) {
	err := v.client.Create(ctx, receipt)
	if apierrors.IsAlreadyExists(err) {
		return receipt, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot make receipt %s: %w", receipt.Name, err)
	}
	spec := receipt.Spec
	v.tallies = append(v.tallies, func() {
		ends.WithLabelValues(string(spec.Event), string(spec.Outcome)).Inc()
		removal.WithLabelValues(string(spec.Event)).Observe(spec.GoneAt.Sub(spec.EndedAt.Time).Seconds())
	})
	if spec.Outcome == lifecyclev1alpha1.OutcomeAbandoned {
		v.tell(false, lifecyclev1alpha1.ReasonAbandoned, fmt.Sprintf("%d objects of this stack are left, and nobody waits for them any more: %s. StackReceipt %s lists them", spec.Left, spec.Reason, receipt.Name))
		return receipt, nil
	}
	v.tell(true, lifecyclev1alpha1.ReasonNothingLeft, fmt.Sprintf("nothing is left of this stack; %d objects were removed in %s. StackReceipt %s proves it", spec.Removed, spec.Took, receipt.Name))
	return receipt, nil
}
