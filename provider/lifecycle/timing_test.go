// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

func at(d time.Duration) *metav1.Time {
	t := metav1.NewTime(noon.Add(d))
	return &t
}

func TestTurnOf(t *testing.T) {
	cases := map[string]struct {
		reason   string
		deadline *metav1.Time
		observed *metav1.Time
		due      bool
		doubt    bool
		want     turn
	}{
		"Never":          {"Without a deadline nothing is due.", nil, nil, false, false, ahead},
		"Ahead":          {"The deadline is ahead.", at(time.Second), at(time.Second), false, false, ahead},
		"Now":            {"At the deadline it is due, not after it.", at(0), at(0), false, false, passing},
		"Passed":         {"Also one that passed while nobody looked.", at(-time.Hour), nil, false, false, passing},
		"Due":            {"What is due stays due.", at(-time.Hour), at(-time.Hour), true, false, over},
		"Extended":       {"More time takes it back.", at(time.Hour), at(-time.Hour), true, false, ahead},
		"Shortened":      {"A deadline that was moved within the past changes nothing.", at(-time.Hour), at(-time.Minute), true, false, over},
		"Doubt":          {"A clock that cannot be trusted ends nothing.", at(-time.Hour), at(-time.Hour), false, true, doubted},
		"DoubtDue":       {"And a clock that was put back brings nothing back.", at(time.Hour), at(time.Hour), true, true, over},
		"DoubtExtended":  {"More time is more time by any clock.", at(time.Hour), at(-time.Hour), true, true, ahead},
		"NoDeadlineMore": {"A stack that lives for ever is not due.", nil, at(-time.Hour), true, false, ahead},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := lifecyclev1alpha1.StackLeaseSpec{Deadline: tc.deadline}
			status := lifecyclev1alpha1.StackLeaseStatus{ObservedDeadline: tc.observed, Due: tc.due}
			if diff := cmp.Diff(tc.want, turnOf(spec, status, tc.doubt, noon)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestReapAt(t *testing.T) {
	hour := &metav1.Duration{Duration: time.Hour}
	cases := map[string]struct {
		reason string
		end    lifecyclev1alpha1.EndAction
		after  *metav1.Duration
		due    *metav1.Time
		want   time.Time
	}{
		"Retire": {"A tombstone is kept.", lifecyclev1alpha1.EndRetire, nil, at(0), time.Time{}},
		"NotDue": {"What is not due is not deleted.", lifecyclev1alpha1.EndDelete, nil, nil, time.Time{}},
		"AtOnce": {"Without a grace it goes at its deadline.", lifecyclev1alpha1.EndDelete, nil, at(0), noon},
		"Grace":  {"Until then it can be extended.", lifecyclev1alpha1.EndDelete, hour, at(0), noon.Add(time.Hour)},
		"Held":   {"What was held has its whole grace still.", lifecyclev1alpha1.EndDelete, hour, at(2 * time.Hour), noon.Add(3 * time.Hour)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			lease := &lifecyclev1alpha1.StackLease{
				Spec:   lifecyclev1alpha1.StackLeaseSpec{Deadline: at(0), OnExpire: tc.end, DeleteAfter: tc.after},
				Status: lifecyclev1alpha1.StackLeaseStatus{Due: tc.due != nil, DueSince: tc.due},
			}
			if diff := cmp.Diff(tc.want, reapAt(lease)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestReceiptName(t *testing.T) {
	long := strings.Repeat("a", 253)
	cases := map[string]struct {
		reason string
		lease  string
		event  lifecyclev1alpha1.ReceiptEvent
		ended  time.Time
		want   string
	}{
		"Retired": {"It says whose, what and when.", "shop-x7k2p", lifecyclev1alpha1.ReceiptRetired, noon, "shop-x7k2p-retired-20261125120000"},
		"Deleted": {"The claim's end is another end, even within the second.", "shop-x7k2p", lifecyclev1alpha1.ReceiptDeleted, noon, "shop-x7k2p-deleted-20261125120000"},
		"Zone":    {"The same moment has the same name everywhere.", "shop", lifecyclev1alpha1.ReceiptDeleted, noon.In(time.FixedZone("", 3600)), "shop-deleted-20261125120000"},
		"Long":    {"It fits.", long, lifecyclev1alpha1.ReceiptRetired, noon, long[:230] + "-retired-20261125120000"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ReceiptName(tc.lease, tc.event, tc.ended)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestExtend(t *testing.T) {
	composite := lifecyclev1alpha1.OwnerReference{APIVersion: "example.com/v1", Kind: "XThing", Name: "thing-x7k2p"}
	claim := &lifecyclev1alpha1.OwnerReference{APIVersion: "microstaging.dev/v1alpha1", Kind: "PreviewStack", Namespace: "team", Name: "shop"}
	cases := map[string]struct {
		reason string
		claim  *lifecyclev1alpha1.OwnerReference
		want   string
	}{
		"Claim":     {"People have rights on claims.", claim, "kubectl annotate previewstack.microstaging.dev shop -n team --overwrite microstaging.dev/extend-until=2026-11-25T16:00:00Z"},
		"Composite": {"Some composites have none.", nil, "kubectl annotate xthing.example.com thing-x7k2p --overwrite microstaging.dev/extend-until=2026-11-25T16:00:00Z"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := extend(lifecyclev1alpha1.StackLeaseSpec{Composite: composite, Claim: tc.claim, Deadline: at(0)})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
