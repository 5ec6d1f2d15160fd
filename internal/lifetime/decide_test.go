// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifetime

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
)

var (
	t0    = time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	named = v1alpha1.Annotations{ExtendUntil: "extend-until", Pinned: "pinned", Recreate: "recreate"}
)

// at is t0 plus some time.
func at(after string) time.Time {
	d, err := time.ParseDuration(after)
	if err != nil {
		panic(err)
	}
	return t0.Add(d)
}

// text is how a memory holds at.
func text(after string) string { return at(after).Format(time.RFC3339) }

// lived is the memory of a stack that was first seen at t0 with a TTL of 4h.
func lived(change func(*v1alpha1.Memory)) v1alpha1.Memory {
	m := v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("4h")}
	if change != nil {
		change(&m)
	}
	return m
}

func TestDecide(t *testing.T) {
	type want struct {
		State    State
		Deadline string
		Memory   v1alpha1.Memory
		Notes    []string
	}
	cases := map[string]struct {
		reason string
		life   v1alpha1.Lifetime
		in     Input
		want   want
	}{
		"New": {
			reason: "a stack lives for its TTL from when its revision was first seen",
			in:     Input{Now: at("1s")},
			want: want{
				State: Active, Deadline: text("4h1s"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("1s"), Deadline: text("4h1s")},
			},
		},
		"Old": {
			reason: "the function that comes to a stack of last week does not end it unawares, and neither does a commit of last week",
			in:     Input{Now: at("0s"), CommittedAt: at("-160h")},
			want: want{
				State: Active, Deadline: text("30m"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("-160h"), Deadline: text("30m"), NotBefore: text("30m")},
			},
		},
		"NoRevision": {
			reason: "what shows no revision lives from its creation",
			in:     Input{Now: at("1h"), Revision: "-"},
			want:   want{State: Active, Deadline: text("4h"), Memory: v1alpha1.Memory{ActiveAt: text("0s"), Deadline: text("4h")}},
		},
		"Idle": {
			reason: "nothing new is nothing new",
			in:     Input{Now: at("2h"), Memory: lived(nil)},
			want:   want{State: Active, Deadline: text("4h"), Memory: lived(nil)},
		},
		"Push": {
			reason: "a push starts the TTL afresh",
			in:     Input{Now: at("2h"), Revision: "b", Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("6h"),
				Memory: v1alpha1.Memory{Revision: "b", ActiveAt: text("2h"), Deadline: text("6h")},
			},
		},
		"PushWithoutRenewal": {
			reason: "unless nobody wants that",
			life:   v1alpha1.Lifetime{RenewOnPush: ptr.To(false)},
			in:     Input{Now: at("2h"), Revision: "b", Memory: lived(nil)},
			want:   want{State: Active, Deadline: text("4h"), Memory: lived(func(m *v1alpha1.Memory) { m.Revision = "b" })},
		},
		"CommitTime": {
			reason: "the forge knows better than when it was first seen",
			in:     Input{Now: at("3h"), CommittedAt: at("1h"), Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("5h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.ActiveAt, m.Deadline = text("1h"), text("5h") }),
			},
		},
		"CommitFromTheFuture": {
			reason: "an author's clock cannot buy time",
			in:     Input{Now: at("3h"), CommittedAt: at("999h"), Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("7h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.ActiveAt, m.Deadline = text("3h"), text("7h") }),
			},
		},
		"MemoryFromTheFuture": {
			reason: "what a wrong clock remembered counts as now",
			in:     Input{Now: at("0s"), Memory: lived(func(m *v1alpha1.Memory) { m.ActiveAt, m.Deadline = text("8760h"), text("8764h") })},
			want:   want{State: Active, Deadline: text("4h"), Memory: lived(nil)},
		},
		"Expired": {
			reason: "without a lease the function's clock counts, to the second",
			in:     Input{Now: at("4h"), Memory: lived(nil), Composed: true},
			want: want{
				State: Retiring, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
		},
		"Retired": {
			reason: "once nothing is composed, nothing is left",
			in:     Input{Now: at("5h"), Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") })},
			want: want{
				State: Retired, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
		},
		"LeaseNotDue": {
			reason: "where a lease is kept, only its keeper's clock counts",
			in:     Input{Now: at("5h"), Memory: lived(nil), Composed: true, Lease: &Lease{Kept: true, Deadline: at("4h")}},
			want:   want{State: Active, Deadline: text("4h"), Memory: lived(nil)},
		},
		"LeaseDue": {
			reason: "also if this clock is behind",
			in:     Input{Now: at("3h59m59s"), Memory: lived(nil), Composed: true, Lease: &Lease{Kept: true, Deadline: at("4h"), Due: true}},
			want: want{
				State: Retiring, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("3h59m59s") }),
			},
		},
		"LeaseDueForAnother": {
			reason: "a push in the last second: the keeper spoke of the deadline before",
			in: Input{
				Now: at("4h"), Revision: "b", Memory: lived(nil), Composed: true, Lease: &Lease{Kept: true, Deadline: at("4h"), Due: true},
			},
			want: want{
				State: Active, Deadline: text("8h"),
				Memory: v1alpha1.Memory{Revision: "b", ActiveAt: text("4h"), Deadline: text("8h")},
			},
		},
		"LeaseNobodyKeeps": {
			reason: "a lease that no provider ever took notice of keeps nothing alive",
			in:     Input{Now: at("4h"), Memory: lived(nil), Lease: &Lease{}},
			want: want{
				State: Retired, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
		},
		"LeaseLooking": {
			reason: "composed resources vanish from sight long before they are gone",
			in: Input{
				Now: at("5h"), Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
				Lease: &Lease{Kept: true, Deadline: at("4h"), Due: true},
			},
			want: want{
				State: Retiring, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
		},
		"Extend": {
			reason: "an extension is a time to live until",
			in:     Input{Now: at("1h"), ExtendUntil: text("10h"), Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("10h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ExtendUntil, m.ExtendedAt, m.Deadline = text("10h"), text("1h"), text("10h")
				}),
			},
		},
		"ExtendBackwards": {
			reason: "an extension only extends",
			in:     Input{Now: at("1h"), ExtendUntil: text("-10h"), Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.ExtendUntil, m.ExtendedAt = text("-10h"), text("1h") }),
			},
		},
		"ExtendAbsurdly": {
			reason: "one extension reaches as far as the class allows, counted from when it was first seen",
			in: Input{Now: at("2h"), ExtendUntil: "9999-12-31T23:59:59Z", Memory: lived(func(m *v1alpha1.Memory) {
				m.ExtendUntil, m.ExtendedAt, m.Deadline = "9999-12-31T23:59:59Z", text("1h"), text("73h")
			})},
			want: want{
				State: Active, Deadline: text("73h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ExtendUntil, m.ExtendedAt, m.Deadline = "9999-12-31T23:59:59Z", text("1h"), text("73h")
				}),
				Notes: []string{"extend-until is 9999-12-31T23:59:59Z, further than one extension may reach (72h0m0s): 2026-03-07T10:00:00Z counts"},
			},
		},
		"ExtendNonsense": {
			reason: "what is no time is said to be none, and its deadline leaves a notice",
			in: Input{Now: at("9h"), ExtendUntil: "tomorrow", Memory: lived(func(m *v1alpha1.Memory) {
				m.ExtendUntil, m.ExtendedAt, m.Deadline = text("10h"), text("1h"), text("10h")
			})},
			want: want{
				State: Active, Deadline: text("9h30m"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Deadline, m.NotBefore = text("9h30m"), text("9h30m") }),
				Notes:  []string{"extend-until is \"tomorrow\", which is not a time: write one such as \"2026-03-05T09:00:00Z\""},
			},
		},
		"NoticeStays": {
			reason: "the notice is given once",
			in: Input{Now: at("9h10m"), Memory: lived(func(m *v1alpha1.Memory) {
				m.Deadline, m.NotBefore = text("9h30m"), text("9h30m")
			})},
			want: want{
				State: Active, Deadline: text("9h30m"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Deadline, m.NotBefore = text("9h30m"), text("9h30m") }),
			},
		},
		"ShortLived": {
			reason: "nobody gets a longer notice than the TTL",
			life:   v1alpha1.Lifetime{TTL: "1m"},
			in:     Input{Now: at("0s")},
			want: want{
				State: Active, Deadline: text("1m"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("1m")},
			},
		},
		"Pin": {
			reason: "a pin holds until its maximum",
			in:     Input{Now: at("1h"), Pinned: "true", Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("169h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.PinnedAt, m.Deadline = text("1h"), text("169h") }),
			},
		},
		"Unpin": {
			reason: "a pin that is taken out leaves a notice",
			in: Input{Now: at("100h"), Memory: lived(func(m *v1alpha1.Memory) {
				m.PinnedAt, m.Deadline = text("1h"), text("169h")
			})},
			want: want{
				State: Active, Deadline: text("100h30m"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Deadline, m.NotBefore = text("100h30m"), text("100h30m") }),
			},
		},
		"PinNonsense": {
			reason: "only true is true",
			in:     Input{Now: at("1h"), Pinned: "yes", Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("4h"), Memory: lived(nil),
				Notes: []string{"pinned is \"yes\": write \"true\" to pin, or remove it"},
			},
		},
		"Closed": {
			reason: "a pull request that closes ends the stack after a grace, shorter than any notice",
			life:   v1alpha1.Lifetime{CloseGrace: "5m"},
			in:     Input{Now: at("1h"), Closed: true, Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("1h5m"),
				Memory: lived(func(m *v1alpha1.Memory) { m.ClosedAt, m.Deadline = text("1h"), text("1h5m") }),
			},
		},
		"Reopened": {
			reason: "one that opens again within the grace has its time back",
			in:     Input{Now: at("1h10m"), Memory: lived(func(m *v1alpha1.Memory) { m.ClosedAt, m.Deadline = text("1h"), text("1h30m") })},
			want:   want{State: Active, Deadline: text("4h"), Memory: lived(nil)},
		},
		"ClosedThenExtended": {
			reason: "who extends a stack of a closed pull request wants it",
			in: Input{
				Now: at("1h10m"), Closed: true, ExtendUntil: text("9h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.ClosedAt, m.Deadline = text("1h"), text("1h30m") }),
			},
			want: want{
				State: Active, Deadline: text("9h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ClosedAt, m.ExtendUntil, m.ExtendedAt, m.Deadline = text("1h"), text("9h"), text("1h10m"), text("9h")
				}),
			},
		},
		"ExtendedThenClosed": {
			reason: "who extended it before did not know that it would close",
			in: Input{
				Now: at("1h"), Closed: true, ExtendUntil: text("9h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ExtendUntil, m.ExtendedAt, m.Deadline = text("9h"), text("30m"), text("9h")
				}),
			},
			want: want{
				State: Active, Deadline: text("1h30m"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ExtendUntil, m.ExtendedAt, m.ClosedAt, m.Deadline = text("9h"), text("30m"), text("1h"), text("1h30m")
				}),
			},
		},
		"ClosedAndPinned": {
			reason: "a pin holds against a close, too",
			in:     Input{Now: at("1h"), Closed: true, Pinned: "true", Memory: lived(nil)},
			want: want{
				State: Active, Deadline: text("169h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ClosedAt, m.PinnedAt, m.Deadline = text("1h"), text("1h"), text("169h")
				}),
			},
		},
		"Never": {
			reason: "where it is allowed, there is no deadline",
			life:   v1alpha1.Lifetime{TTL: Never, AllowNever: true},
			in:     Input{Now: at("999h"), Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s")}},
			want:   want{State: Active, Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s")}},
		},
		"NeverNotAllowed": {
			reason: "elsewhere it is as long as it may be",
			life:   v1alpha1.Lifetime{TTL: Never},
			in:     Input{Now: at("0s")},
			want: want{
				State: Active, Deadline: text("72h"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("72h")},
				Notes:  []string{"ttl is Never, which is not allowed here: 72h0m0s counts; write a duration"},
			},
		},
		"NeverClosed": {
			reason: "what never expires ends with its pull request",
			life:   v1alpha1.Lifetime{TTL: Never, AllowNever: true},
			in:     Input{Now: at("9h"), Closed: true, Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s")}},
			want: want{
				State: Active, Deadline: text("9h30m"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), ClosedAt: text("9h"), Deadline: text("9h30m")},
			},
		},
		"NoLongerNever": {
			reason: "a class that takes Never back leaves a notice",
			in:     Input{Now: at("9h"), Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s")}},
			want: want{
				State: Active, Deadline: text("9h30m"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("9h30m"), NotBefore: text("9h30m")},
			},
		},
		"TooLong": {
			reason: "the bound holds",
			life:   v1alpha1.Lifetime{TTL: "99999h"},
			in:     Input{Now: at("0s")},
			want: want{
				State: Active, Deadline: text("72h"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("72h")},
				Notes:  []string{"ttl is 99999h, longer than the 72h0m0s allowed: 72h0m0s counts; a push starts it afresh"},
			},
		},
		"Absurd": {
			reason: "what no machine can count is no duration",
			life:   v1alpha1.Lifetime{TTL: "99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h99999h"},
			in:     Input{Now: at("0s")},
			want: want{
				State: Active, Deadline: text("4h"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("4h")},
				Notes: []string{
					"ttl is \"99999h99999h99999h99999h99999h99999h9999…\", which is not a duration: 4h counts; write hours or minutes, for example \"4h\"",
				},
			},
		},
		"ExtendRetired": {
			reason: "an extension brings back what was retired",
			in: Input{
				Now: at("9h"), ExtendUntil: text("20h"), Lease: &Lease{Kept: true, Deadline: at("4h"), Due: true, Gone: true},
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
			want: want{
				State: Restoring, Deadline: text("20h"),
				Memory: lived(func(m *v1alpha1.Memory) {
					m.ExtendUntil, m.ExtendedAt, m.Deadline = text("20h"), text("9h"), text("20h")
				}),
			},
		},
		"PushRetired": {
			reason: "and so does a push, also while it is still being removed",
			in: Input{
				Now: at("4h1s"), Revision: "b", Composed: true,
				Memory: lived(func(m *v1alpha1.Memory) { m.RetiredAt = text("4h") }),
			},
			want: want{
				State: Restoring, Deadline: text("8h1s"),
				Memory: v1alpha1.Memory{Revision: "b", ActiveAt: text("4h1s"), Deadline: text("8h1s")},
			},
		},
		"Recreate": {
			reason: "a new value removes everything first",
			in:     Input{Now: at("1h"), Recreate: "1", Composed: true, Memory: lived(nil)},
			want:   want{State: Recreating, Deadline: text("4h"), Memory: lived(nil)},
		},
		"Recreated": {
			reason: "and then makes it anew, once",
			in:     Input{Now: at("1h"), Recreate: "1", Memory: lived(nil)},
			want: want{
				State: Restoring, Deadline: text("4h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Recreated = "1" }),
			},
		},
		"RecreateNew": {
			reason: "what is new need not be made anew",
			in:     Input{Now: at("0s"), Recreate: "1"},
			want: want{
				State: Active, Deadline: text("4h"),
				Memory: v1alpha1.Memory{Revision: "a", ActiveAt: text("0s"), Deadline: text("4h"), Recreated: "1"},
			},
		},
		"Unknown": {
			reason: "while nobody knows the TTL, what was decided counts",
			in:     Input{Now: at("30h"), Unknown: true, Memory: lived(func(m *v1alpha1.Memory) { m.Deadline = text("48h") })},
			want: want{
				State: Active, Deadline: text("48h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Deadline = text("48h") }),
			},
		},
		"UnknownRetired": {
			reason: "what is over stays over",
			in: Input{Now: at("50h"), Unknown: true, Memory: lived(func(m *v1alpha1.Memory) {
				m.Deadline, m.RetiredAt = text("48h"), text("48h")
			})},
			want: want{
				State: Retired, Deadline: text("48h"),
				Memory: lived(func(m *v1alpha1.Memory) { m.Deadline, m.RetiredAt = text("48h"), text("48h") }),
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.in.CreatedAt, tc.in.Names = t0, named
			switch tc.in.Revision {
			case "":
				tc.in.Revision = "a"
			case "-":
				tc.in.Revision = ""
			}
			d, _ := Decide(tc.life, tc.in)
			got := want{State: d.State, Memory: d.Memory, Notes: d.Notes}
			if !d.Deadline.IsZero() {
				got.Deadline = d.Deadline.Format(time.RFC3339)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Fatalf("%s: Decide(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestDecideSettles: what was decided, decided again, is the same. A decision
// that changed with each look would write the status each time.
func TestDecideSettles(t *testing.T) {
	life := v1alpha1.Lifetime{TTL: "8h"}
	in := Input{
		Now: at("1h"), CreatedAt: t0, Revision: "b", Names: named, ExtendUntil: text("100h"), Pinned: "true", Closed: true, Recreate: "1",
		Memory: lived(func(m *v1alpha1.Memory) { m.Recreated = "1" }),
	}
	first, _ := Decide(life, in)
	in.Now, in.Memory = at("2h"), first.Memory
	second, _ := Decide(life, in)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("Decide() an hour later: -first, +second:\n%s", diff)
	}
}
