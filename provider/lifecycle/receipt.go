// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"math"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/cost"
	"github.com/microstaging/preview-stacks/internal/names"
)

const (
	// keepReceipts is the default of spec.keepReceipts.
	keepReceipts = 168 * time.Hour

	// maxName is what the API allows.
	maxName = 253
)

// MakeReceipt makes the receipt of a lease whose end began at
// status.removingSince. With a reason the end is abandoned.
func MakeReceipt(lease *lifecyclev1alpha1.StackLease, found *survey, event lifecyclev1alpha1.ReceiptEvent, abandoned string, now time.Time) *lifecyclev1alpha1.StackReceipt {
	spec, status := lease.Spec, lease.Status
	ended, gone := status.RemovingSince, metav1.NewTime(now.Truncate(time.Second))
	receipt := &lifecyclev1alpha1.StackReceipt{Spec: lifecyclev1alpha1.StackReceiptSpec{
		Event: event, Outcome: lifecyclev1alpha1.OutcomeClean,
		Composite: spec.Composite, Claim: spec.Claim, Namespace: spec.Traces.Namespace,
		Left: count(found.left), Leftovers: found.leftovers,
		LookedThrough: found.looked, NotLookedThrough: found.unseen,
		ActiveFrom: status.ActiveSince, EndedAt: ended, GoneAt: gone,
		Took: gone.Sub(ended.Time).String(),
		Cost: costOf(lease),
	}}
	receipt.Spec.Removed = max(0, ptr.Deref(status.Found, 0)-receipt.Spec.Left)
	if receipt.Spec.LookedThrough == nil {
		receipt.Spec.LookedThrough = []lifecyclev1alpha1.Kind{}
	}
	if abandoned != "" {
		receipt.Spec.Outcome, receipt.Spec.Reason = lifecyclev1alpha1.OutcomeAbandoned, abandoned
	}
	keep := keepReceipts
	if spec.KeepReceipts != nil {
		keep = spec.KeepReceipts.Duration
	}
	receipt.Spec.DeleteAt = ptr.To(metav1.NewTime(gone.Add(keep)))
	receipt.Name = ReceiptName(lease.Name, event, ended.Time)
	// Not the stack's own labels: whoever looks for what is left of it by them is
	// to find nothing.
	if spec.Claim != nil {
		receipt.Labels = map[string]string{
			v1alpha1.LabelClaimNamespace: names.LabelValue(spec.Claim.Namespace),
			v1alpha1.LabelClaimName:      names.LabelValue(spec.Claim.Name),
		}
	}
	return receipt
}

// ReceiptName names the receipt of one end: the same end has the same name, and
// another end another one.
func ReceiptName(lease string, event lifecyclev1alpha1.ReceiptEvent, ended time.Time) string {
	end := "-" + strings.ToLower(string(event)) + "-" + ended.UTC().Format("20060102150405")
	return strings.TrimRight(lease[:min(len(lease), maxName-len(end))], "-.") + end
}

// costOf is what the time cost in which the stack was active; empty if it was
// not, or has no price.
func costOf(lease *lifecyclev1alpha1.StackLease) string {
	status := lease.Status
	if status.ActiveSince == nil || status.RemovingSince == nil {
		return ""
	}
	total := cost.Total(lease.Spec.CostHourly, max(0, status.RemovingSince.Sub(status.ActiveSince.Time)))
	if total == "" {
		return ""
	}
	return strings.TrimSpace(total + " " + lease.Spec.Currency)
}

func count(n int) int32 { return int32(min(n, math.MaxInt32)) } //nolint:gosec // Bounded right there.
