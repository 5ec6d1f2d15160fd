// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
)

// Metrics count what happened. How things are is asked of the cache at each
// scrape, see census: a gauge that is counted up and down drifts.
var (
	ends = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "preview_stack_ends_total", Help: "Stacks that are gone, by what became of the claim and by how clean it was."}, []string{"event", "outcome"})
	removal = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "preview_stack_removal_seconds", Help: "Time from the end of a stack until nothing was left.", Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600}}, []string{"event"})
	dueDelay = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "preview_lease_due_delay_seconds", Help: "Time from a deadline until the lease was due. Long ones were held, or the provider was not running.", Buckets: []float64{0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 600}})
	holds = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "preview_lease_holds_total", Help: "Leases that were overdue and were kept from being due, by reason."}, []string{"reason"})
	deletions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "preview_claim_deletions_total", Help: "Claims that were deleted (Deleting), or spared, by reason."}, []string{"reason"})
	orphans = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "preview_orphans", Help: "Objects whose stack is gone, as of the last search."}, []string{"kind"})
	orphansRemoved = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "preview_orphans_removed_total", Help: "Objects that were deleted because their stack was gone."}, []string{"kind"})
)

func registerMetrics(cache client.Reader, guard *clock.Guard) error {
	skew := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "preview_clock_skew_seconds", Help: "How far this machine's clock is ahead of the API server's, at least."},
		func() float64 { return guard.Skew().Seconds() })
	var errs []error
	for _, c := range []prometheus.Collector{ends, removal, dueDelay, holds, deletions, orphans, orphansRemoved, skew, census{cache: cache, now: time.Now}} {
		errs = append(errs, metrics.Registry.Register(c))
	}
	return errors.Join(errs...)
}

var (
	leasesDesc  = prometheus.NewDesc("preview_leases", "Leases, by the state that is wanted of their stacks.", []string{"state"}, nil)
	dueDesc     = prometheus.NewDesc("preview_leases_due", "Leases whose deadline has passed.", nil, nil)
	heldDesc    = prometheus.NewDesc("preview_leases_held", "Leases that are kept from being due.", nil, nil)
	overdueDesc = prometheus.NewDesc("preview_leases_overdue", "Leases whose deadline passed more than a minute ago and that are not due.", nil, nil)
	endingDesc  = prometheus.NewDesc("preview_leases_ending", "Leases of stacks of which something is left.", nil, nil)
)

// A census counts leases at each scrape.
type census struct {
	cache client.Reader
	now   func() time.Time
}

// Describe implements prometheus.Collector.
func (census) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{leasesDesc, dueDesc, heldDesc, overdueDesc, endingDesc} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c census) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	leases := &lifecyclev1alpha1.StackLeaseList{}
	if err := c.cache.List(ctx, leases, client.UnsafeDisableDeepCopy); err != nil {
		return // Not started yet, or over.
	}
	states := map[lifecyclev1alpha1.LeaseState]int{lifecyclev1alpha1.LeaseActive: 0, lifecyclev1alpha1.LeaseRetired: 0}
	var due, held, overdue, ending int
	for i := range leases.Items {
		spec, status := leases.Items[i].Spec, leases.Items[i].Status
		states[spec.State]++
		due += one(status.Due)
		held += one(status.GetCondition(lifecyclev1alpha1.ConditionHeld).Status == corev1.ConditionTrue)
		overdue += one(!status.Due && spec.Deadline != nil && c.now().Sub(spec.Deadline.Time) > time.Minute)
		ending += one(status.RemovingSince != nil)
	}
	for state, n := range states {
		to <- prometheus.MustNewConstMetric(leasesDesc, prometheus.GaugeValue, float64(n), string(state))
	}
	for desc, n := range map[*prometheus.Desc]int{dueDesc: due, heldDesc: held, overdueDesc: overdue, endingDesc: ending} {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n))
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
