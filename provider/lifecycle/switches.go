// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

const (
	// scalerSoon is when to look again whether KEDA has taken a switch over.
	scalerSoon = 2 * time.Second
	// scalerLater is how often a switch is looked at that is moved.
	scalerLater = 10 * time.Minute
)

// Switches have KEDA move SleepSwitches. KEDA's objects are not watched: their
// status changes every second while there is traffic.
type Switches struct {
	client client.Client
	// live reads KEDA's objects, which a cache would watch.
	live client.Reader
	now  func() time.Time
}

// Reconcile looks at a switch. What KEDA has goes with the switch, by its owner
// reference.
func (r *Switches) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	s := &lifecyclev1alpha1.SleepSwitch{}
	if err := r.client.Get(ctx, request.NamespacedName, s); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if meta.WasDeleted(s) || s.Spec.Traffic == nil {
		return reconcile.Result{}, nil
	}
	condition, err := r.apply(ctx, MakeScaledObject(s))
	if err != nil {
		return reconcile.Result{}, err
	}
	after := scalerSoon
	if condition.Status == corev1.ConditionTrue {
		after = jitter(scalerLater)
	}
	before := s.Status.DeepCopy()
	s.Status.SetConditions(condition)
	if equality.Semantic.DeepEqual(before, &s.Status) {
		return reconcile.Result{RequeueAfter: after}, nil
	}
	if err := r.client.Status().Update(ctx, s); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(fmt.Errorf("cannot write status of switch %s: %w", request, err))
	}
	return reconcile.Result{RequeueAfter: after}, nil
}

// apply applies what KEDA is to do, and says how it does.
func (r *Switches) apply(ctx context.Context, o *ScaledObject) (xpv2.Condition, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return xpv2.Condition{}, fmt.Errorf("cannot encode ScaledObject %s: %w", o.Name, err)
	}
	object := &unstructured.Unstructured{Object: fields}
	err = r.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(name), client.ForceOwnership)
	switch {
	case absent(err):
		return r.condition(corev1.ConditionFalse, lifecyclev1alpha1.ReasonNoScaler, "the cluster does not have KEDA, so nothing puts the stack to sleep for lack of traffic"), nil
	case err != nil:
		return xpv2.Condition{}, fmt.Errorf("cannot apply ScaledObject %s/%s: %w", o.Namespace, o.Name, err)
	}
	if err := r.live.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return xpv2.Condition{}, client.IgnoreNotFound(err)
	}
	return r.judge(object), nil
}

// judge says in our words what KEDA says of its object.
func (r *Switches) judge(object *unstructured.Unstructured) xpv2.Condition {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		fields, _ := c.(map[string]any)
		if fields["type"] != "Ready" {
			continue
		}
		if fields["status"] == "True" {
			return r.condition(corev1.ConditionTrue, lifecyclev1alpha1.ReasonScaled, "")
		}
		return r.condition(corev1.ConditionFalse, lifecyclev1alpha1.ReasonScalerFailing, fmt.Sprintf("KEDA says %v: %v", fields["reason"], fields["message"]))
	}
	return r.condition(corev1.ConditionFalse, lifecyclev1alpha1.ReasonScalerFailing, "KEDA has not looked at its ScaledObject yet; is its operator running?")
}

func (r *Switches) condition(status corev1.ConditionStatus, reason, message string) xpv2.Condition {
	return xpv2.Condition{
		Type: xpv2.TypeReady, Status: status, Reason: xpv2.ConditionReason(reason), Message: message, LastTransitionTime: metav1.NewTime(r.now()),
	}
}
