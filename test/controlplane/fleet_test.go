// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	// stacks is how many stacks a fleet has; STACKS sets another number.
	stacks = 40

	// fleetIdle is how long nothing of the fleet may move.
	fleetIdle = time.Minute

	// spread is the time in which all deadlines of the fleet pass.
	spread = 10 * time.Second

	// dueBound is how long after its deadline a lease may become due.
	dueBound = 5 * time.Second

	// perStack is what each stack may take in all that is done to the fleet,
	// besides patience: some of it by processes that share two cores.
	perStack = 5 * time.Second
)

// fleetClass is the class of the fleet. It leaves no notice of a deadline that is
// moved back: the deadlines are to be where the test puts them.
const fleetClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: fleet}
spec:
  domain: preview.example.com
  auth: {mode: None}
  lifecycle: {ttl: 24h, maxTTL: 72h, warnBefore: 0s}
`

// TestFleet: many stacks that nobody touches cost nothing but memory, and those
// whose time is up at once end in time and leave nothing. The brake is off, as it
// is there to keep just that from happening. STACKS says how many there are.
//
// How long things take, and how much memory, is printed and not asserted: other
// work on the machine moves it.
func TestFleet(t *testing.T) {
	restartProvider(t, brakeOff...)
	f := &fleet{scenario: newScenario(t), size: number(t, "STACKS", stacks)}
	f.apply(fleetClass)
	t.Cleanup(func() { f.remove(fleetClass) })

	f.create()
	f.settle()
	ready := residentMemory(t)
	f.stayIdle()
	goalMemory(t, fmt.Sprintf("after %s", fleetIdle), ready, 1.1)
	f.end()
	goalMemory(t, "after all have ended", ready, 1.5)
	f.delete()
}

// A fleet is many stacks of one namespace.
type fleet struct {
	*scenario

	size int
}

// eventually is like that of all scenarios, with patience for each stack.
func (f *fleet) eventually(what string, check func(context.Context) error) {
	f.t.Helper()
	var last error
	limit := patience + time.Duration(f.size)*perStack
	err := wait.PollUntilContextTimeout(f.t.Context(), time.Second, limit, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		f.t.Fatalf("%s: not within %s: %v", what, limit, last)
	}
}

// create makes all claims and waits until they are Ready.
func (f *fleet) create() {
	f.t.Helper()
	start := time.Now()
	for i := range f.size {
		f.claim(fmt.Sprintf("shop-%04d", i), "classRef: {name: fleet}"+worker)
	}
	f.eventually("all stacks are Ready", f.are(v1alpha1.PhaseReady))
	took := time.Since(start)
	f.t.Logf("%d stacks Ready after %s: %.0f a minute", f.size, took.Round(time.Second), float64(f.size)/took.Minutes())
}

// are checks that all claims are in a phase.
func (f *fleet) are(phase v1alpha1.Phase) func(context.Context) error {
	return func(ctx context.Context) error {
		claims, err := f.claims(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, c := range claims {
			if at, _, _ := unstructured.NestedString(c.Object, "status", "phase"); at == string(phase) {
				n++
			}
		}
		return equal("stacks that are "+string(phase), f.size, n)
	}
}

func (f *fleet) claims(ctx context.Context) ([]unstructured.Unstructured, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStackList"))
	err := shared.List(ctx, list, client.InNamespace(f.namespace))
	return list.Items, err
}

// versions are the resourceVersions of all claims, composites and leases.
func (f *fleet) versions(ctx context.Context) (map[string]string, error) {
	versions := map[string]string{}
	for _, kind := range []schema.GroupVersionKind{
		v1alpha1.GroupVersion.WithKind("PreviewStack"), v1alpha1.GroupVersion.WithKind("XPreviewStack"),
		lifecyclev1alpha1.GroupVersion.WithKind("StackLease"),
	} {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(kind)
		if err := shared.List(ctx, list); err != nil {
			return nil, err
		}
		for _, o := range list.Items {
			versions[kind.Kind+" "+o.Name] = o.ResourceVersion
		}
	}
	return versions, nil
}

// settle waits until the echoes of the creation have died away.
func (f *fleet) settle() {
	f.t.Helper()
	var last map[string]string
	since := time.Now()
	f.eventually("the fleet settles", func(ctx context.Context) error {
		now, err := f.versions(ctx)
		if err != nil {
			return err
		}
		if !maps.Equal(last, now) {
			last, since = now, time.Now()
		}
		if time.Since(since) < calm {
			return fmt.Errorf("it moved %s ago", time.Since(since))
		}
		return nil
	})
}

// stayIdle waits, and checks that nothing moved and hardly anybody looked.
func (f *fleet) stayIdle() {
	f.t.Helper()
	before, err := f.versions(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	calls := decisions(f.t)
	select {
	case <-time.After(fleetIdle):
	case <-f.t.Context().Done():
		f.t.Fatal("the test was stopped")
	}
	after, err := f.versions(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		f.t.Errorf("an idle fleet moved: -before, +now:\n%s", diff)
	}
	f.t.Logf("no resourceVersion of %d objects moved in %s", len(before), fleetIdle)
	allowed := max(1, int(fleetIdle.Hours()*perHour*float64(f.size)))
	for name, n := range decisions(f.t) {
		made := n - calls[name]
		f.t.Logf("G6 calls of function-%s by %d idle stacks in %s %d (goal <= %d) %s", name, f.size, fleetIdle, made, allowed, verdict(made <= allowed))
	}
}

// decisions counts what each function decided, by its debug log.
func decisions(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for name, function := range shared.functions {
		file, err := os.Open(function.LogPath())
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		lines := bufio.NewReader(file)
		for err == nil {
			var line string
			if line, err = lines.ReadString('\n'); strings.Contains(line, "\tDecided\t") {
				counts[name]++
			}
		}
		if err != io.EOF { //nolint:errorlint // A reader returns it as it is.
			t.Fatal(err)
		}
	}
	return counts
}

// end moves all deadlines into some seconds, and waits until all is over.
func (f *fleet) end() {
	f.t.Helper()
	start := f.moveDeadlines()
	late := f.awaitDue()
	slowest := slices.MaxFunc(late, func(a, b time.Duration) int { return int(a - b) })
	goal(f.t, fmt.Sprintf("G9 leases due after their deadlines, the slowest of %d within %s", len(late), spread), slowest, dueBound)
	slices.Sort(late)
	f.t.Logf("due after %s in the median", late[len(late)/2].Round(time.Millisecond))
	f.eventually("all stacks are Expired", f.are(v1alpha1.PhaseExpired))
	f.t.Logf("%d stacks removed %s after the first deadline", f.size, time.Since(start).Round(time.Second))
}

// moveDeadlines gives every claim the TTL that puts its deadline into its place,
// and returns the first one. They lie far enough ahead for all to be known in
// time.
func (f *fleet) moveDeadlines() time.Time {
	f.t.Helper()
	claims, err := f.claims(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	begin := time.Now().Add(20*time.Second + time.Duration(f.size)*200*time.Millisecond).Truncate(time.Second)
	for i := range claims {
		text, _, _ := unstructured.NestedString(claims[i].Object, "status", "lifetime", "activeAt")
		active, err := time.Parse(time.RFC3339, text)
		if err != nil {
			f.t.Fatal(err)
		}
		at := begin.Add(spread * time.Duration(i) / time.Duration(f.size))
		patch := fmt.Sprintf(`{"spec": {"lifecycle": {"ttl": "%.0fs"}}}`, at.Sub(active).Seconds())
		if err := shared.Patch(f.t.Context(), &claims[i], client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
			f.t.Fatal(err)
		}
	}
	f.eventually("all deadlines are known", func(ctx context.Context) error {
		leases, err := f.leases(ctx)
		if err != nil {
			return err
		}
		n := 0
		for _, lease := range leases {
			if at := lease.Spec.Deadline; at != nil && !at.After(begin.Add(spread)) && at.Equal(lease.Status.ObservedDeadline) {
				n++
			}
		}
		return equal("known deadlines", f.size, n)
	})
	if ahead := time.Until(begin); ahead < 0 {
		f.t.Logf("the first deadline passed %s before the last was known: what is due late is so for that, too", -ahead)
	}
	return begin
}

func (f *fleet) leases(ctx context.Context) ([]lifecyclev1alpha1.StackLease, error) {
	list := &lifecyclev1alpha1.StackLeaseList{}
	if err := shared.List(ctx, list); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list.Items, func(l lifecyclev1alpha1.StackLease) bool {
		return l.Spec.Claim == nil || l.Spec.Claim.Namespace != f.namespace
	}), nil
}

// awaitDue watches until all leases are due, and returns how long after its
// deadline each was seen to be.
func (f *fleet) awaitDue() []time.Duration {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience+time.Duration(f.size)*perStack)
	defer cancel()
	seen := map[string]time.Duration{}
	for len(seen) < f.size {
		// An API server ends a watch after some minutes.
		leases, err := shared.Watch(ctx, &lifecyclev1alpha1.StackLeaseList{})
		if err != nil {
			f.t.Fatalf("%d of %d leases are due: %v", len(seen), f.size, err)
		}
		for event := range leases.ResultChan() {
			lease, ok := event.Object.(*lifecyclev1alpha1.StackLease)
			if !ok || !lease.Status.Due || lease.Spec.Claim == nil || lease.Spec.Claim.Namespace != f.namespace {
				continue
			}
			if _, again := seen[lease.Name]; !again {
				seen[lease.Name] = time.Since(lease.Spec.Deadline.Time)
			}
			if len(seen) == f.size {
				break
			}
		}
		leases.Stop()
	}
	return slices.Collect(maps.Values(seen))
}

// delete deletes all claims, and waits until there is nothing but a clean receipt
// of each.
func (f *fleet) delete() {
	f.t.Helper()
	f.clear(f.t.Context())
	f.eventually("nothing is left of the fleet", func(ctx context.Context) error {
		claims, err := f.claims(ctx)
		if err != nil {
			return err
		}
		leases, err := f.leases(ctx)
		if err != nil {
			return err
		}
		return first(equal("claims", 0, len(claims)), equal("leases", 0, len(leases)))
	})
	receipts := &lifecyclev1alpha1.StackReceiptList{}
	if err := shared.List(f.t.Context(), receipts); err != nil {
		f.t.Fatal(err)
	}
	n := 0
	for _, receipt := range receipts.Items {
		if receipt.Spec.Claim == nil || receipt.Spec.Claim.Namespace != f.namespace {
			continue
		}
		if err := isClean(receipt.Spec); err != nil {
			f.t.Errorf("receipt %s: %v", receipt.Name, err)
		}
		if receipt.Spec.Event == lifecyclev1alpha1.ReceiptDeleted {
			n++
		}
	}
	if n != f.size {
		f.t.Errorf("want a receipt of each of %d deletions, got %d", f.size, n)
	}
}
