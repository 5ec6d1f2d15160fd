// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// foreignFinalizer is one that nobody takes off but the test.
const foreignFinalizer = "example.com/hold"

// held is a handmade stack with a namespace in which a foreign finalizer holds a
// ConfigMap.
func (s *scenario) held(name string) (*handmade, *corev1.ConfigMap) {
	s.t.Helper()
	namespace := &corev1.Namespace{}
	namespace.Name = s.namespace + "-" + name + "-stack"
	h := s.handmade(name, func(lease *lifecyclev1alpha1.StackLease) {
		lease.Spec.CostHourly, lease.Spec.Currency = "3600", "EUR"
		lease.Spec.Traces.Namespace = namespace.Name
		lease.Spec.Traces.Kinds = []lifecyclev1alpha1.Kind{
			{APIVersion: "example.com/v1", Kind: "Unknown"},
			{APIVersion: "v1", Kind: "ConfigMap"},
			{APIVersion: "v1", Kind: "Namespace"},
		}
	})
	namespace.Labels = map[string]string{"crossplane.io/composite": h.composite.GetName()}
	if err := shared.Create(s.t.Context(), namespace); err != nil {
		s.t.Fatal(err)
	}
	config := &corev1.ConfigMap{}
	config.Namespace, config.Name, config.Labels, config.Finalizers = namespace.Name, "config", namespace.Labels, []string{foreignFinalizer}
	if err := shared.Create(s.t.Context(), config); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		letGo(s.t, config)
		_ = shared.Delete(context.WithoutCancel(s.t.Context()), namespace)
	})
	h.await("is in use", func(lease *lifecyclev1alpha1.StackLease) error {
		return condition(lease, lifecyclev1alpha1.ConditionGone, "False", lifecyclev1alpha1.ReasonInUse)
	})
	return h, config
}

// letGo takes the finalizer off.
func letGo(t *testing.T, config *corev1.ConfigMap) {
	t.Helper()
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	if err := client.IgnoreNotFound(shared.Patch(context.WithoutCancel(t.Context()), config, patch)); err != nil {
		t.Error(err)
	}
}

// end deletes what Crossplane would, and tells the lease.
func (h *handmade) end() {
	h.s.t.Helper()
	namespace := &corev1.Namespace{}
	namespace.Name = h.lease.Spec.Traces.Namespace
	if err := shared.Delete(h.s.t.Context(), namespace); err != nil {
		h.s.t.Fatal(err)
	}
	h.change(func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.State = lifecyclev1alpha1.LeaseRetired })
}

// awaitLeft waits until the lease says what holds it.
func (h *handmade) awaitLeft() {
	h.s.t.Helper()
	h.await("says what is left, and why", func(lease *lifecyclev1alpha1.StackLease) error {
		return first(condition(lease, lifecyclev1alpha1.ConditionGone, "False", lifecyclev1alpha1.ReasonLeftovers),
			mention(said(lease, lifecyclev1alpha1.ConditionGone),
				"ConfigMap "+lease.Spec.Traces.Namespace+"/config: held by finalizer "+foreignFinalizer+": whoever put it there",
				"Namespace "+lease.Spec.Traces.Namespace+": it is going, and not gone", "configmaps"))
	})
	if n := len(h.lease.Status.Leftovers); n != 2 || *h.lease.Status.Left != 2 {
		h.s.t.Errorf("want two leftovers, got %d", n)
	}
}

// receipts of the stack, by event.
func (h *handmade) receipts() map[lifecyclev1alpha1.ReceiptEvent][]lifecyclev1alpha1.StackReceipt {
	h.s.t.Helper()
	list := &lifecyclev1alpha1.StackReceiptList{}
	if err := shared.List(h.s.t.Context(), list); err != nil {
		h.s.t.Fatal(err)
	}
	found := map[lifecyclev1alpha1.ReceiptEvent][]lifecyclev1alpha1.StackReceipt{}
	for _, r := range list.Items {
		if r.Spec.Composite.UID == string(h.composite.GetUID()) {
			found[r.Spec.Event] = append(found[r.Spec.Event], r)
		}
	}
	return found
}

// awaitReceipt waits for the one receipt of an event.
func (h *handmade) awaitReceipt(event lifecyclev1alpha1.ReceiptEvent) lifecyclev1alpha1.StackReceipt {
	h.s.t.Helper()
	eventually(h.s.t, fmt.Sprintf("receipt %s", event), func(context.Context) error {
		if n := len(h.receipts()[event]); n != 1 {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	})
	return h.receipts()[event][0]
}

// TestReceipt: an end waits for what a foreign finalizer holds, says so, and
// leaves a receipt; a stack that comes back ends anew, and its lease does not
// wait for its composite.
func TestReceipt(t *testing.T) {
	t.Parallel()
	h, config := newScenario(t).held("shop")
	h.end()
	h.awaitLeft()
	letGo(t, config)
	got := h.awaitReceipt(lifecyclev1alpha1.ReceiptRetired)
	h.await("is gone", func(lease *lifecyclev1alpha1.StackLease) error {
		if lease.Status.Receipt != got.Name || lease.Status.Left != nil {
			return fmt.Errorf("status is %+v", lease.Status)
		}
		return condition(lease, lifecyclev1alpha1.ConditionGone, "True", lifecyclev1alpha1.ReasonNothingLeft)
	})
	spec := got.Spec
	want := lifecyclev1alpha1.StackReceiptSpec{
		Event: lifecyclev1alpha1.ReceiptRetired, Outcome: lifecyclev1alpha1.OutcomeClean,
		Composite: h.lease.Spec.Composite, Claim: h.lease.Spec.Claim, Namespace: h.lease.Spec.Traces.Namespace,
		Removed:          2,
		LookedThrough:    []lifecyclev1alpha1.Kind{{APIVersion: "v1", Kind: "ConfigMap"}, {APIVersion: "v1", Kind: "Namespace"}, {APIVersion: "v1", Kind: "PersistentVolume"}},
		NotLookedThrough: []lifecyclev1alpha1.Unseen{{Kind: lifecyclev1alpha1.Kind{APIVersion: "example.com/v1", Kind: "Unknown"}, Why: "the cluster does not serve this kind"}},
		ActiveFrom:       spec.ActiveFrom, EndedAt: spec.EndedAt, GoneAt: spec.GoneAt, DeleteAt: spec.DeleteAt,
		Took: spec.GoneAt.Sub(spec.EndedAt.Time).String(),
		Cost: fmt.Sprintf("%d EUR", int(spec.EndedAt.Sub(spec.ActiveFrom.Time).Seconds())),
	}
	if diff := cmp.Diff(want, spec); diff != "" {
		t.Errorf("receipt: -want, +got:\n%s", diff)
	}
	told(t, h.claim, lifecyclev1alpha1.ReasonNothingLeft, got.Name)

	h.change(func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.State = lifecyclev1alpha1.LeaseActive })
	h.await("is in use again", func(lease *lifecyclev1alpha1.StackLease) error {
		if lease.Status.Receipt != "" || lease.Status.ActiveSince == nil {
			return fmt.Errorf("status is %+v", lease.Status)
		}
		return nil
	})
	h.clear()
	h.awaitReceipt(lifecyclev1alpha1.ReceiptDeleted)
	eventually(t, "the lease is gone", h.isGone)
}

func (h *handmade) isGone(ctx context.Context) error {
	err := shared.Get(ctx, client.ObjectKeyFromObject(h.lease), h.lease)
	if apierrors.IsNotFound(err) {
		return nil
	}
	return errors.Join(err, fmt.Errorf("it is there: %+v", h.lease.Status))
}

// TestAbandon: somebody ends the wait, and the receipt says who, why, and what
// is left.
func TestAbandon(t *testing.T) {
	t.Parallel()
	h, _ := newScenario(t).held("shop")
	h.end()
	h.awaitLeft()
	h.change(func(lease *lifecyclev1alpha1.StackLease) {
		lease.Annotations = map[string]string{lifecyclev1alpha1.AnnotationAbandon: "the vendor is asleep"}
	})
	spec := h.awaitReceipt(lifecyclev1alpha1.ReceiptRetired).Spec
	if spec.Outcome != lifecyclev1alpha1.OutcomeAbandoned || spec.Reason != "the vendor is asleep" || spec.Left != 2 || len(spec.Leftovers) != 2 {
		t.Errorf("receipt: %+v", spec)
	}
	h.await("has forgotten the command", func(lease *lifecyclev1alpha1.StackLease) error {
		if lease.Annotations[lifecyclev1alpha1.AnnotationAbandon] != "" {
			return errors.New("the annotation would abandon the next end, too")
		}
		return condition(lease, lifecyclev1alpha1.ConditionGone, "True", lifecyclev1alpha1.ReasonAbandoned)
	})
}

// TestHandDeletedLease: a lease that somebody deletes while its stack lives goes
// at once, so that its function can make it anew.
func TestHandDeletedLease(t *testing.T) {
	t.Parallel()
	h, _ := newScenario(t).held("shop")
	if err := shared.Delete(t.Context(), h.lease); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lease is gone", h.isGone)
	if n := len(h.receipts()); n != 0 {
		t.Errorf("want no receipt, got %d", n)
	}
}

// TestKilledProvider: a provider that is killed in the middle of an end goes on,
// and makes one receipt.
func TestKilledProvider(t *testing.T) {
	s := newScenario(t)
	h, config := s.held("shop")
	late, _ := s.held("late")
	late.change(func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.Deadline = in(2 * time.Second) })
	h.end()
	h.awaitLeft()
	since := h.lease.Status.RemovingSince
	killProvider(t)
	letGo(t, config)
	got := h.awaitReceipt(lifecyclev1alpha1.ReceiptRetired)
	if !got.Spec.EndedAt.Equal(since) {
		t.Errorf("the end began at %s, the receipt says %s", since, got.Spec.EndedAt)
	}
	late.await("is due, if late", isDue)
	killProvider(t)
	time.Sleep(3 * time.Second)
	h.awaitReceipt(lifecyclev1alpha1.ReceiptRetired)
}

const orphansClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: orphans-%s}
spec: {domain: preview.example.com, auth: {mode: None}, lifecycle: {orphans: %s}}
`

// TestOrphans: what lost its stack is told of, and deleted where the class says
// so; what has one, or another owner's word for it, is not.
func TestOrphans(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	classes := fmt.Sprintf(orphansClass, "remove", "Remove") + "\n---" + fmt.Sprintf(orphansClass, "report", "Report")
	s.apply(classes)
	t.Cleanup(func() { s.remove(classes) })
	h := s.handmade("lives", func(*lifecyclev1alpha1.StackLease) {})
	composite := metav1.OwnerReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: "XPreviewStack", Name: h.composite.GetName(), UID: h.composite.GetUID(), Controller: new(bool)}
	*composite.Controller = true
	cases := map[string]struct {
		reason    string
		class     string
		composite string
		owner     []metav1.OwnerReference
		told      bool
		removed   bool
	}{
		"lives":    {"it has its stack", "orphans-remove", h.composite.GetName(), nil, false, false},
		"owned":    {"it has its owner", "orphans-remove", h.composite.GetName(), []metav1.OwnerReference{composite}, false, false},
		"report":   {"its class reports", "orphans-report", "gone", nil, true, false},
		"remove":   {"its class removes", "orphans-remove", "gone", nil, true, true},
		"unknown":  {"nobody knows its class", "orphans-none", "gone", nil, true, false},
		"stranger": {"no composite is named, so it is not ours to judge", "orphans-remove", "", nil, false, false},
	}
	made := map[string]*corev1.Namespace{}
	for name, tc := range cases {
		namespace := &corev1.Namespace{}
		namespace.Name, namespace.OwnerReferences = s.namespace+"-"+name, tc.owner
		namespace.Labels = map[string]string{v1alpha1.LabelStack: namespace.Name, v1alpha1.LabelClass: tc.class}
		if tc.composite != "" {
			namespace.Labels["crossplane.io/composite"] = tc.composite
		}
		if err := shared.Create(t.Context(), namespace); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = shared.Delete(context.WithoutCancel(t.Context()), namespace) })
		made[name] = namespace
	}
	for name, tc := range cases {
		if tc.told {
			told(t, made[name], "Orphaned", "is gone, and this is left")
		}
	}
	eventually(t, "what is to be removed is gone", func(ctx context.Context) error {
		err := shared.Get(ctx, client.ObjectKeyFromObject(made["remove"]), &corev1.Namespace{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(err, errors.New("it is there"))
	})
	for name, tc := range cases {
		err := shared.Get(t.Context(), client.ObjectKeyFromObject(made[name]), made[name])
		if gone := apierrors.IsNotFound(err); gone != tc.removed {
			t.Errorf("%s: %s: gone is %t", name, tc.reason, gone)
		}
		if !tc.told && len(events(t, made[name], "Orphaned")) > 0 {
			t.Errorf("%s: %s: it is called an orphan", name, tc.reason)
		}
	}
}
