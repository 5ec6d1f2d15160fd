// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"golang.org/x/time/rate"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
)

// Options say how stacks are ended.
type Options struct {
	Log   logging.Logger
	Clock *clock.Guard

	// Poll is how often a lease is looked at although nothing happened: timers
	// do not notice when the wall clock is put forward.
	Poll time.Duration
	// Concurrency is how many leases are looked at at once.
	Concurrency int
	// Brake bounds how many stacks end at once.
	Brake Bounds
	// DeletionsPerMinute bounds how many claims are deleted. Zero or less: it
	// does not.
	DeletionsPerMinute int
	// OrphanInterval is the time between two searches for what lost its stack.
	// Zero: there are none.
	OrphanInterval time.Duration
	// OrphanConfirm is for how long a stack must have been gone before what it
	// left counts as lost.
	OrphanConfirm time.Duration
}

// name of this controller, in events and logs.
const name = "provider-preview-stacks"

// Setup adds everything that ends stacks to a manager.
func Setup(mgr ctrl.Manager, o Options) error {
	v := &voice{recorder: mgr.GetEventRecorder(name), reader: mgr.GetAPIReader(), log: o.Log, queue: make(chan note, noteQueue), pace: rate.NewLimiter(notesPerSecond, notesPerSecond)}
	if err := mgr.Add(v); err != nil {
		return err
	}
	if err := registerMetrics(mgr.GetCache(), o.Clock); err != nil {
		return err
	}
	leases := &Leases{
		client: mgr.GetClient(), live: mgr.GetAPIReader(), voice: v, log: o.Log,
		surveys: make(chan struct{}, max(1, o.Concurrency/4)),
		clock:   o.Clock, brake: NewBrake(o.Brake), deletions: limiter(o.DeletionsPerMinute), poll: o.Poll, now: time.Now,
	}
	options := controller.Options{MaxConcurrentReconciles: o.Concurrency, RateLimiter: ratelimiter.NewController(), RecoverPanic: ptr.To(true)}
	// Only errors are slowed down, unlike in other providers: a rate limit for
	// all would make a thousand leases that are due at once due one by one.
	if err := ctrl.NewControllerManagedBy(mgr).Named("lease").For(&lifecyclev1alpha1.StackLease{}, builder.WithPredicates(commands)).WithOptions(options).Complete(leases); err != nil {
		return err
	}
	receipts := &Receipts{client: mgr.GetClient(), clock: o.Clock, now: time.Now}
	if err := ctrl.NewControllerManagedBy(mgr).Named("receipt").For(&lifecyclev1alpha1.StackReceipt{}).WithOptions(options).Complete(receipts); err != nil {
		return err
	}
	switches := &Switches{client: mgr.GetClient(), live: mgr.GetAPIReader(), now: time.Now}
	if err := ctrl.NewControllerManagedBy(mgr).Named("switch").For(&lifecyclev1alpha1.SleepSwitch{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).WithOptions(options).Complete(switches); err != nil {
		return err
	}
	if o.OrphanInterval <= 0 {
		return nil
	}
	return mgr.Add(&Sweep{
		client: mgr.GetClient(), live: mgr.GetAPIReader(), voice: v, log: o.Log,
		clock: o.Clock, interval: o.OrphanInterval, confirm: o.OrphanConfirm, now: time.Now, seen: map[string]suspicion{},
	})
}

// commands are changes of a lease that somebody else makes. Of a status, which
// is ours alone, nobody need tell us.
var commands = predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})

func limiter(perMinute int) *rate.Limiter {
	if perMinute <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(float64(perMinute)/60), perMinute)
}
