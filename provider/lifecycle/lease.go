// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
)

// doubtRetry is how soon what a doubtful clock holds is looked at again.
const doubtRetry = 10 * time.Second

// Leases reconciles StackLeases.
type Leases struct {
	client client.Client
	// live reads from the API server. What is deleted is decided by what is, not
	// by what a cache believes.
	live  client.Reader
	voice *voice
	log   logging.Logger

	// surveys bounds how many leases look for what is left at once. A survey is
	// dozens of requests, and a lease whose time is up must not wait behind them.
	surveys chan struct{}

	clock     *clock.Guard
	brake     *Brake
	deletions *rate.Limiter
	poll      time.Duration
	now       func() time.Time

	remembering sync.Mutex
	remembered  bool

	// counted is when count stacks were counted.
	counting sync.Mutex
	counted  time.Time
	count    int
}

// A visit is one look at one lease. Its steps change the status and say when to
// look again; it is written once, at the end, if it changed.
type visit struct {
	*Leases

	lease  *lifecyclev1alpha1.StackLease
	before lifecyclev1alpha1.StackLeaseStatus
	at     time.Time
	next   time.Duration

	// said and tallies wait until the status is written, so that a conflict
	// does not repeat them.
	said    []note
	tallies []func()
}

// Reconcile looks at a lease.
func (r *Leases) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	if err := r.rememberEnds(ctx); err != nil {
		return reconcile.Result{}, err
	}
	lease := &lifecyclev1alpha1.StackLease{}
	if err := r.client.Get(ctx, request.NamespacedName, lease); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	v := &visit{Leases: r, lease: lease, before: *lease.Status.DeepCopy(), at: r.now(), next: jitter(r.poll)}
	result, err := v.run(ctx)
	if apierrors.IsConflict(err) {
		// Somebody wrote it since it was read. There is nothing wrong with that.
		return reconcile.Result{RequeueAfter: 50 * time.Millisecond}, nil
	}
	return result, err
}

func (v *visit) run(ctx context.Context) (reconcile.Result, error) {
	if meta.WasDeleted(v.lease) {
		return v.release(ctx)
	}
	if err := v.hold(ctx); err != nil {
		return reconcile.Result{}, err
	}
	if err := v.keepTime(ctx); err != nil {
		return reconcile.Result{}, err
	}
	v.warn()
	// Each goes on although the other failed: a kind that cannot be listed must
	// not keep a claim from being deleted.
	err := errors.Join(v.follow(ctx), v.reap(ctx))
	return v.save(ctx, err)
}

// hold makes the lease wait for its receipt. What abandoned an end that is over
// goes: it is not to abandon the next one.
func (v *visit) hold(ctx context.Context) error {
	before := v.lease.DeepCopy()
	changed := controllerutil.AddFinalizer(v.lease, lifecyclev1alpha1.FinalizerReceipt)
	if _, stale := v.lease.Annotations[lifecyclev1alpha1.AnnotationAbandon]; stale && v.before.Receipt != "" {
		delete(v.lease.Annotations, lifecyclev1alpha1.AnnotationAbandon)
		changed = true
	}
	if !changed {
		return nil
	}
	return v.patchMeta(ctx, before)
}

// patchMeta writes changed metadata. The answer replaces the lease, and with it
// what this visit has not written yet: so it goes first.
func (v *visit) patchMeta(ctx context.Context, before *lifecyclev1alpha1.StackLease) error {
	if err := v.client.Patch(ctx, v.lease, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("cannot change finalizers or annotations of lease %s: %w", v.lease.Name, err)
	}
	return nil
}

// follow follows what function-ttl wants: a stack that is in use, or one
// that is to be gone.
func (v *visit) follow(ctx context.Context) error {
	if v.lease.Spec.State == lifecyclev1alpha1.LeaseRetired {
		return v.retire(ctx)
	}
	v.use()
	return nil
}

// save writes the status if it changed, and tells what waited for that.
func (v *visit) save(ctx context.Context, err error) (reconcile.Result, error) {
	if !equality.Semantic.DeepEqual(v.before, v.lease.Status) {
		if err := v.client.Status().Update(ctx, v.lease); err != nil {
			return reconcile.Result{}, fmt.Errorf("cannot write status of lease %s: %w", v.lease.Name, err)
		}
	}
	for _, n := range v.said {
		v.voice.say(n)
	}
	for _, tally := range v.tallies {
		tally()
	}
	return reconcile.Result{RequeueAfter: v.next}, err
}

// again asks for another look, no later than in d.
func (v *visit) again(d time.Duration) { v.next = min(v.next, max(d, time.Millisecond)) }

// tell the claim and the composite, once the status is written.
func (v *visit) tell(normal bool, reason, text string) {
	about := []lifecyclev1alpha1.OwnerReference{v.lease.Spec.Composite}
	if v.lease.Spec.Claim != nil {
		about = append(about, *v.lease.Spec.Claim)
	}
	for _, ref := range about {
		v.said = append(v.said, note{about: ref, normal: normal, reason: reason, text: text})
	}
}

// rememberEnds tells the brake what ended under an earlier process, before
// anything ends under this one.
func (r *Leases) rememberEnds(ctx context.Context) error {
	r.remembering.Lock()
	defer r.remembering.Unlock()
	if r.remembered {
		return nil
	}
	leases := &lifecyclev1alpha1.StackLeaseList{}
	if err := r.client.List(ctx, leases, client.UnsafeDisableDeepCopy); err != nil {
		return fmt.Errorf("cannot tell what ended lately: %w", err)
	}
	for i := range leases.Items {
		if status := leases.Items[i].Status; status.Due && status.DueSince != nil {
			r.brake.Remember(endKey(&leases.Items[i]), status.DueSince.Time)
		}
	}
	r.remembered = true
	return nil
}

// jitter keeps a fleet from being looked at all at once.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Float64()*0.1*float64(d)) //nolint:gosec // Nobody gains by guessing it.
}
