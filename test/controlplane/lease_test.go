// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A handmade stack is a claim and a composite that Crossplane leaves alone, and
// a lease: what the provider does is then the provider's.
type handmade struct {
	s                *scenario
	claim, composite *unstructured.Unstructured
	lease            *lifecyclev1alpha1.StackLease
}

// byHandSpec is a spec that the API accepts.
const byHandSpec = `{source: {repository: acme/shop, pullRequest: 402, revision: 9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5}, services: {web: {image: "registry.example.com/web:1"}}}`

// handmade makes a stack whose lease is as change wants it.
func (s *scenario) handmade(name string, change func(*lifecyclev1alpha1.StackLease)) *handmade {
	s.t.Helper()
	h := &handmade{s: s, claim: s.paused("PreviewStack", name), composite: s.paused("XPreviewStack", s.namespace+"-"+name)}
	h.claim.SetNamespace(s.namespace)
	s.t.Cleanup(h.clear)
	if err := shared.Create(s.t.Context(), h.composite); err != nil {
		s.t.Fatal(err)
	}
	if err := unstructured.SetNestedStringMap(h.claim.Object, map[string]string{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "XPreviewStack", "name": h.composite.GetName(),
	}, "spec", "resourceRef"); err != nil {
		s.t.Fatal(err)
	}
	if err := shared.Create(s.t.Context(), h.claim); err != nil {
		s.t.Fatal(err)
	}
	h.lease = h.makeLease()
	change(h.lease)
	if err := shared.Create(s.t.Context(), h.lease); err != nil {
		s.t.Fatal(err)
	}
	return h
}

func (s *scenario) paused(kind, name string) *unstructured.Unstructured {
	s.t.Helper()
	objects, err := parse("spec: " + byHandSpec)
	if err != nil {
		s.t.Fatal(err)
	}
	object := objects[0]
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetName(name)
	object.SetAnnotations(map[string]string{"crossplane.io/paused": "true"})
	return object
}

func (h *handmade) makeLease() *lifecyclev1alpha1.StackLease {
	lease := &lifecyclev1alpha1.StackLease{}
	lease.Name = h.composite.GetName()
	lease.Spec = lifecyclev1alpha1.StackLeaseSpec{
		Composite: lifecyclev1alpha1.OwnerReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: "XPreviewStack", Name: h.composite.GetName(), UID: string(h.composite.GetUID())},
		Claim:     &lifecyclev1alpha1.OwnerReference{APIVersion: v1alpha1.GroupVersion.String(), Kind: "PreviewStack", Namespace: h.s.namespace, Name: h.claim.GetName()},
		State:     lifecyclev1alpha1.LeaseActive, OnExpire: lifecyclev1alpha1.EndRetire,
		Traces: lifecyclev1alpha1.Traces{Labels: map[string]string{"crossplane.io/composite": h.composite.GetName()}},
	}
	return lease
}

// clear removes what is there without waiting for it.
func (h *handmade) clear() {
	ctx := context.WithoutCancel(h.s.t.Context())
	for _, object := range []client.Object{h.claim, h.composite} {
		if err := client.IgnoreNotFound(shared.Delete(ctx, object)); err != nil {
			h.s.t.Error(err)
		}
	}
	if h.lease != nil {
		if err := client.IgnoreNotFound(shared.Delete(ctx, h.lease)); err != nil {
			h.s.t.Error(err)
		}
	}
}

// in is a deadline, which the API keeps to the second.
func in(d time.Duration) *metav1.Time {
	at := metav1.NewTime(time.Now().Add(d).Truncate(time.Second).Add(time.Second))
	return &at
}

func seconds(n int) *metav1.Duration {
	return &metav1.Duration{Duration: time.Duration(n) * time.Second}
}

// await waits until check finds nothing wrong with the lease.
func (h *handmade) await(what string, check func(*lifecyclev1alpha1.StackLease) error) *lifecyclev1alpha1.StackLease {
	h.s.t.Helper()
	eventually(h.s.t, "lease "+h.lease.Name+" "+what, func(ctx context.Context) error {
		if err := shared.Get(ctx, client.ObjectKeyFromObject(h.lease), h.lease); err != nil {
			return err
		}
		return check(h.lease)
	})
	return h.lease
}

// change changes the lease as its function would.
func (h *handmade) change(change func(*lifecyclev1alpha1.StackLease)) {
	h.s.t.Helper()
	h.await("can be changed", func(lease *lifecyclev1alpha1.StackLease) error {
		change(lease)
		return shared.Update(h.s.t.Context(), lease)
	})
}

// condition checks one of the lease's.
func condition(lease *lifecyclev1alpha1.StackLease, kind, status, reason string) error {
	for _, c := range lease.Status.Conditions {
		if string(c.Type) == kind && string(c.Status) == status && string(c.Reason) == reason {
			return nil
		}
	}
	return fmt.Errorf("want %s %s %s, got %+v", kind, status, reason, lease.Status.Conditions)
}

func said(lease *lifecyclev1alpha1.StackLease, kind string) string {
	for _, c := range lease.Status.Conditions {
		if string(c.Type) == kind {
			return c.Message
		}
	}
	return ""
}

func isDue(lease *lifecyclev1alpha1.StackLease) error {
	if !lease.Status.Due || !lease.Spec.Deadline.Equal(lease.Status.ObservedDeadline) {
		return fmt.Errorf("due is %t for %s", lease.Status.Due, lease.Status.ObservedDeadline)
	}
	return nil
}

// events are what the provider said about an object, for one reason.
func events(t *testing.T, object client.Object, reason string) []eventsv1.Event {
	t.Helper()
	list := &eventsv1.EventList{}
	if err := shared.List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	var found []eventsv1.Event
	for _, e := range list.Items {
		if e.Regarding.UID == object.GetUID() && e.Reason == reason {
			found = append(found, e)
		}
	}
	return found
}

// told waits for the one event about an object for a reason.
func told(t *testing.T, object client.Object, reason string, words ...string) {
	t.Helper()
	eventually(t, "event "+reason, func(context.Context) error {
		found := events(t, object, reason)
		if len(found) != 1 || found[0].Series != nil {
			return fmt.Errorf("want one event, got %d", len(found))
		}
		return mention(found[0].Note, words...)
	})
}

// TestLeaseTime: a lease is due at its deadline, nothing is written before but
// the warning, and more time takes it back.
func TestLeaseTime(t *testing.T) {
	t.Parallel()
	h := newScenario(t).handmade("shop", func(lease *lifecyclev1alpha1.StackLease) {
		lease.Spec.Deadline, lease.Spec.WarnBefore = in(8*time.Second), seconds(3)
	})
	kept := h.await("is kept", func(lease *lifecyclev1alpha1.StackLease) error {
		if lease.Status.ActiveSince == nil || !lease.Spec.Deadline.Equal(lease.Status.ObservedDeadline) {
			return fmt.Errorf("status is %+v", lease.Status)
		}
		return condition(lease, "Ready", "True", lifecyclev1alpha1.ReasonKept)
	}).DeepCopy()
	time.Sleep(time.Until(kept.Spec.Deadline.Add(-4 * time.Second)))
	if h.await("is there", func(*lifecyclev1alpha1.StackLease) error { return nil }); h.lease.ResourceVersion != kept.ResourceVersion {
		t.Error("something was written while nothing happened")
	}
	warning := []string{"expires at", "kubectl annotate previewstack.microstaging.dev shop -n " + h.claim.GetNamespace(), v1alpha1.AnnotationExtendUntil}
	told(t, h.claim, "ExpiresSoon", warning...)
	told(t, h.composite, "ExpiresSoon", warning...)
	if time.Now().After(kept.Spec.Deadline.Time) {
		t.Error("the warning came after the deadline")
	}
	h.await("is due", isDue)
	if late := h.lease.Status.DueSince.Sub(kept.Spec.Deadline.Time); late < 0 || late > 2*time.Second {
		t.Errorf("due %s after its deadline", late)
	}
	told(t, h.claim, "Expired")
	told(t, h.claim, "ExpiresSoon")

	h.change(func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.Deadline = in(time.Hour) })
	h.await("has more time", func(lease *lifecyclev1alpha1.StackLease) error {
		if lease.Status.Due || !lease.Spec.Deadline.Equal(lease.Status.ObservedDeadline) {
			return fmt.Errorf("status is %+v", lease.Status)
		}
		return nil
	})
}

// TestReap: a claim is deleted when that is wanted, and only then.
func TestReap(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	s.apply(argoCRD)
	eventually(t, "Applications are served", func(context.Context) error {
		return s.tryApply("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: reap-living}\nspec: {}")
	})
	cases := map[string]struct {
		reason string
		lease  func(*lifecyclev1alpha1.StackLease)
		// claim is its tracking id.
		claim string
		// want is the reason of Reaped; the claim is gone with Deleting.
		want string
	}{
		"retire":   {"a tombstone is kept", func(*lifecyclev1alpha1.StackLease) {}, "", ""},
		"delete":   {"its time is up", deletes, "", lifecyclev1alpha1.ReasonDeleting},
		"grace":    {"until then it can be extended", func(l *lifecyclev1alpha1.StackLease) { deletes(l); l.Spec.DeleteAfter = seconds(3600) }, "", lifecyclev1alpha1.ReasonWaitingForGrace},
		"dry":      {"say what would happen first", func(l *lifecyclev1alpha1.StackLease) { deletes(l); l.Spec.DryRun = true }, "", lifecyclev1alpha1.ReasonDryRun},
		"tracked":  {"Argo CD would make it anew", deletes, "reap-living:microstaging.dev/PreviewStack:" + s.namespace + "/tracked", lifecyclev1alpha1.ReasonTracked},
		"orphaned": {"its Application is gone", deletes, "reap-gone:microstaging.dev/PreviewStack:" + s.namespace + "/orphaned", lifecyclev1alpha1.ReasonDeleting},
		"forced":   {"the class overrides", func(l *lifecyclev1alpha1.StackLease) { deletes(l); l.Spec.DeleteTracked = true }, "reap-living:microstaging.dev/PreviewStack:" + s.namespace + "/forced", lifecyclev1alpha1.ReasonDeleting},
		"replaced": {"another composite of the same name", func(l *lifecyclev1alpha1.StackLease) { deletes(l); l.Spec.Composite.UID = "another" }, "", lifecyclev1alpha1.ReasonReplaced},
	}
	for name, tc := range cases {
		h := s.handmade(name, tc.lease)
		if tc.claim != "" {
			s.named(name).annotate(tracking, tc.claim)
		}
		h.change(func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.Deadline = in(time.Second) })
		h.await("is judged: "+tc.reason, func(lease *lifecyclev1alpha1.StackLease) error {
			if tc.want == "" {
				return isDue(lease)
			}
			status := "False"
			if tc.want == lifecyclev1alpha1.ReasonDeleting {
				status = "True"
			}
			return first(isDue(lease), condition(lease, lifecyclev1alpha1.ConditionReaped, status, tc.want))
		})
		err := shared.Get(t.Context(), client.ObjectKeyFromObject(h.claim), h.claim)
		if gone := apierrors.IsNotFound(err); gone != (tc.want == lifecyclev1alpha1.ReasonDeleting) {
			t.Errorf("%s: %s: gone is %t (%v)", name, tc.reason, gone, err)
		}
	}
}

func deletes(lease *lifecyclev1alpha1.StackLease) {
	lease.Spec.OnExpire = lifecyclev1alpha1.EndDelete
}

// tracking is the annotation by which Argo CD knows its objects.
const tracking = "argocd.argoproj.io/tracking-id"

const argoCRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: applications.argoproj.io}
spec:
  group: argoproj.io
  names: {kind: Application, listKind: ApplicationList, plural: applications, singular: application}
  scope: Namespaced
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

// TestBrake: of a fleet that is overdue at once, half goes, and the rest says
// why not and when; what a killed provider let through counts.
func TestBrake(t *testing.T) {
	restartProvider(t, "--brake-window=20s", "--brake-minimum=5")
	s := newScenario(t)
	const fleet = 60
	deadline := in(12 * time.Second)
	stacks := make([]*handmade, fleet)
	for i := range stacks {
		stacks[i] = s.handmade(fmt.Sprintf("n%d", i), func(lease *lifecyclev1alpha1.StackLease) { lease.Spec.Deadline = deadline })
	}
	count := func(ctx context.Context) (due, held int) {
		list := &lifecyclev1alpha1.StackLeaseList{}
		if err := shared.List(ctx, list); err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			if isDue(&list.Items[i]) == nil {
				due++
			}
			if condition(&list.Items[i], lifecyclev1alpha1.ConditionHeld, "True", lifecyclev1alpha1.ReasonTooManyAtOnce) == nil {
				held++
			}
		}
		return due, held
	}
	await := func(due, held int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d are due and %d held", due, held), func(ctx context.Context) error {
			if d, h := count(ctx); d != due || h != held {
				return fmt.Errorf("%d are due and %d held", d, h)
			}
			return nil
		})
	}
	await(fleet/2, fleet/2)
	killProvider(t, "--brake-window=1m", "--brake-minimum=5")
	time.Sleep(3 * time.Second)
	if due, held := count(t.Context()); due != fleet/2 || held != fleet/2 {
		t.Errorf("after a restart %d are due and %d held: want it to remember", due, held)
	}
	for _, h := range stacks {
		h.await("is due or says why not", func(lease *lifecyclev1alpha1.StackLease) error {
			if lease.Status.Due {
				return nil
			}
			return mention(said(lease, lifecyclev1alpha1.ConditionHeld), "no more than 30", "goes on by itself at", "--brake-share")
		})
	}
	await(fleet, 0)
}

// TestThousandLeases: of a thousand leases, half are due at one moment, which is
// as many as the brake lets. They are in time, and nothing was written before.
func TestThousandLeases(t *testing.T) {
	restartProvider(t, "--brake-window=0s")
	s := newScenario(t)
	const fleet = 1000
	deadline := in(90 * time.Second)
	for i := range fleet {
		lease := (&handmade{s: s, claim: s.paused("PreviewStack", "none"), composite: s.paused("XPreviewStack", fmt.Sprintf("thousand-%d", i))}).makeLease()
		lease.Spec.Claim, lease.Spec.Composite.UID, lease.Spec.Deadline = nil, "none", deadline
		if i%2 == 0 {
			lease.Spec.Deadline = in(time.Hour)
		}
		if err := shared.Create(t.Context(), lease); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if err := shared.DeleteAllOf(context.WithoutCancel(t.Context()), &lifecyclev1alpha1.StackLease{}); err != nil {
			t.Error(err)
		}
		eventually(t, "all leases are gone", func(ctx context.Context) error {
			list := &lifecyclev1alpha1.StackLeaseList{}
			if err := shared.List(ctx, list); err != nil || len(list.Items) > 0 {
				return fmt.Errorf("%d are left: %w", len(list.Items), err)
			}
			return nil
		})
		if err := shared.DeleteAllOf(context.WithoutCancel(t.Context()), &lifecyclev1alpha1.StackReceipt{}); err != nil {
			t.Error(err)
		}
	}()
	t.Logf("made %s ahead of the deadline", time.Until(deadline.Time).Round(time.Millisecond))
	time.Sleep(time.Until(deadline.Add(-10 * time.Second)))
	quiet := resourceVersion(t)
	before, busy := measured(t, "process_resident_memory_bytes")[0].GetGauge().GetValue(), measured(t, "process_cpu_seconds_total")[0].GetCounter().GetValue()
	time.Sleep(time.Until(deadline.Add(-time.Second)))
	if got := resourceVersion(t); got != quiet {
		t.Errorf("leases were written ahead of their deadline: the newest was %d and is %d", quiet, got)
	}
	// Whoever lists a thousand leases again and again keeps the others waiting.
	time.Sleep(time.Until(deadline.Add(3 * time.Second)))
	var last time.Time
	eventually(t, "all are due", func(ctx context.Context) error {
		list := &lifecyclev1alpha1.StackLeaseList{}
		if err := shared.List(ctx, list); err != nil {
			return err
		}
		for i := range list.Items {
			if !list.Items[i].Spec.Deadline.Equal(deadline) {
				continue
			}
			if err := isDue(&list.Items[i]); err != nil {
				return err
			}
			if since := list.Items[i].Status.DueSince.Time; since.After(last) {
				last = since
			}
		}
		return nil
	})
	after := measured(t, "process_resident_memory_bytes")[0].GetGauge().GetValue()
	busy = measured(t, "process_cpu_seconds_total")[0].GetCounter().GetValue() - busy
	t.Logf("the last was due %s after the deadline, all %.1fs after on average; memory %.0f MB before, %.0f MB after; %.1fs of CPU", last.Sub(deadline.Time), delay(t), before/1e6, after/1e6, busy)
	if late := last.Sub(deadline.Time); late > 5*time.Second {
		t.Errorf("the last was due %s after the deadline: want 5s at most", late)
	}
}

// resourceVersion is the newest of all leases.
func resourceVersion(t *testing.T) (newest int) {
	t.Helper()
	list := &lifecyclev1alpha1.StackLeaseList{}
	if err := shared.List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		version, err := strconv.Atoi(list.Items[i].ResourceVersion)
		if err != nil {
			t.Fatal(err)
		}
		newest = max(newest, version)
	}
	return newest
}

// delay is the mean time from a deadline until its lease was due.
func delay(t *testing.T) float64 {
	t.Helper()
	h := measured(t, "preview_lease_due_delay_seconds")[0].GetHistogram()
	return h.GetSampleSum() / float64(h.GetSampleCount())
}
