// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package sleep_test

import (
	"testing"
	"time"
	_ "time/tzdata" // The tests' zones, wherever they run.

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/sleep"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

// nights and weekends of a team in Berlin.
var (
	nights   = v1alpha1.SleepWindow{From: "20:00", To: "07:00", TimeZone: "Europe/Berlin"}
	weekends = v1alpha1.SleepWindow{Days: []v1alpha1.Weekday{"Saturday", "Sunday"}, From: "00:00", To: "24:00", TimeZone: "Europe/Berlin"}
	allDay   = v1alpha1.SleepWindow{From: "00:00", To: "24:00"}
)

func TestDecide(t *testing.T) {
	// A Monday in summer: Berlin is two hours ahead.
	now := at("2026-05-04T12:00:00Z")
	byTraffic := sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByTraffic}
	byCommand := sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByCommand}
	nightUntil := func(text string) sleep.Decision {
		return sleep.Decision{Asleep: true, Reason: v1alpha1.SleepBySchedule, WakesAt: at(text), Next: at(text)}
	}
	traffic := func(replicas *int32) sleep.Input {
		return sleep.Input{Mode: v1alpha1.SleepTraffic, Switch: replicas, Settled: true}
	}
	schedule := func(windows ...v1alpha1.SleepWindow) sleep.Input {
		return sleep.Input{Mode: v1alpha1.SleepSchedule, Windows: windows, Settled: true}
	}
	with := func(in sleep.Input, change func(*sleep.Input)) sleep.Input {
		change(&in)
		return in
	}
	cases := map[string]struct {
		reason string
		in     sleep.Input
		want   sleep.Decision
	}{
		"Never": {
			reason: "the class says nothing, and nobody asked",
			in:     sleep.Input{Mode: v1alpha1.SleepNever, Settled: true, Windows: []v1alpha1.SleepWindow{allDay}, Switch: ptr.To(int32(0))},
		},
		"TrafficOff":     {reason: "the scaler has seen nobody for long enough", in: traffic(ptr.To(int32(0))), want: byTraffic},
		"TrafficOn":      {reason: "somebody is there, or was", in: traffic(ptr.To(int32(1)))},
		"TrafficUnknown": {reason: "a switch that is not there yet says nothing", in: traffic(nil)},
		"TrafficUnsettled": {
			reason: "a revision whose jobs have not run would never come up",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.Settled = false }),
		},
		"TrafficPassesOverSchedules": {
			reason: "who works at night is not sent home, and who does not sleeps already",
			in:     with(traffic(ptr.To(int32(1))), func(in *sleep.Input) { in.Windows = []v1alpha1.SleepWindow{allDay} }),
		},
		"ByDay": {
			reason: "the night is ahead",
			in:     schedule(nights), want: sleep.Decision{Next: at("2026-05-04T18:00:00Z")},
		},
		"ByNight": {
			reason: "a window over midnight began on the day before",
			in:     with(schedule(nights), func(in *sleep.Input) { in.Now = at("2026-05-04T01:00:00Z") }),
			want:   nightUntil("2026-05-04T05:00:00Z"),
		},
		"NightUnsettled": {
			reason: "a push at night is built, and then sleeps",
			in: with(schedule(nights), func(in *sleep.Input) {
				in.Now, in.Settled = at("2026-05-04T01:00:00Z"), false
			}),
		},
		"JustUp": {
			reason: "whoever pushed wants to see it, though nobody has come yet",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.UpSince = at("2026-05-04T11:50:00Z") }),
			want:   sleep.Decision{Next: at("2026-05-04T12:20:00Z")},
		},
		"JustUpAtNight": {
			reason: "the same at night, when it then sleeps",
			in: with(schedule(nights), func(in *sleep.Input) {
				in.Now, in.UpSince = at("2026-05-04T01:00:00Z"), at("2026-05-04T00:59:00Z")
			}),
			want: sleep.Decision{Next: at("2026-05-04T01:29:00Z")},
		},
		"UpForLong": {
			reason: "its time is over with the second",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.UpSince = at("2026-05-04T11:30:00Z") }),
			want:   byTraffic,
		},
		"UpWithoutMode": {
			reason: "nothing would put it to sleep, so nothing changes then",
			in:     sleep.Input{Mode: v1alpha1.SleepNever, Settled: true, UpSince: at("2026-05-04T11:50:00Z")},
		},
		"WokenByCommand": {
			reason: "whoever asked for it has as long as a visitor",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.Wake = "2026-05-04T11:45:00Z" }),
			want:   sleep.Decision{Next: at("2026-05-04T12:15:00Z")},
		},
		"WokenLongAgo": {
			reason: "then the switch counts again",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.Wake = "2026-05-04T11:30:00Z" }),
			want:   byTraffic,
		},
		"SentToSleep": {
			reason: "also a stack that sleeps by nothing else, and that is broken",
			in:     sleep.Input{Mode: v1alpha1.SleepNever, Sleep: "2026-05-04T11:00:00+02:00"},
			want:   byCommand,
		},
		"SentToSleepThoughVisited": {
			reason: "a command is stronger than traffic",
			in:     with(traffic(ptr.To(int32(1))), func(in *sleep.Input) { in.Sleep = "2026-05-03T12:00:00Z" }),
			want:   byCommand,
		},
		"WokenAfterSentToSleep": {
			reason: "the later of the two counts, for good",
			in: with(traffic(ptr.To(int32(1))), func(in *sleep.Input) {
				in.Sleep, in.Wake = "2026-05-03T12:00:00Z", "2026-05-03T12:00:01Z"
			}),
		},
		"SentToSleepAfterWoken": {
			reason: "the later of the two counts",
			in: with(traffic(ptr.To(int32(1))), func(in *sleep.Input) {
				in.Sleep, in.Wake = "2026-05-04T11:59:01Z", "2026-05-04T11:59:00Z"
			}),
			want: byCommand,
		},
		"BothAtOnce": {
			reason: "what runs does no harm",
			in: with(schedule(allDay), func(in *sleep.Input) {
				in.Sleep, in.Wake = "2026-05-04T11:59:00Z", "2026-05-04T11:59:00Z"
			}),
			want: sleep.Decision{Next: at("2026-05-04T12:29:00Z")},
		},
		"DatedAhead": {
			reason: "a command counts from its time on; until then it is looked at again",
			in: with(traffic(ptr.To(int32(1))), func(in *sleep.Input) {
				in.Sleep, in.Wake = "2026-05-04T12:10:00Z", "2026-05-04T12:20:00Z"
			}),
			want: sleep.Decision{Next: at("2026-05-04T12:10:00Z")},
		},
		"NoTime": {
			reason: "it is passed over, and said so",
			in:     with(traffic(ptr.To(int32(0))), func(in *sleep.Input) { in.Wake = "now\nplease" }),
			want: sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByTraffic, Ignored: []string{
				`annotation microstaging.dev/wake is "now please", which is not a time: write when you ask for it, for example "2026-05-04T08:00:00Z"`,
			}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.in.After, tc.in.Zone = 30*time.Minute, time.LoadLocation
			if tc.in.Now.IsZero() {
				tc.in.Now = now
			}
			if diff := cmp.Diff(tc.want, sleep.Decide(tc.in)); diff != "" {
				t.Errorf("%s: Decide(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSchedules(t *testing.T) {
	cases := map[string]struct {
		reason  string
		windows []v1alpha1.SleepWindow
		now     string
		within  bool
		edge    string // Empty: never.
	}{
		"None":           {reason: "no schedule is no sleep", now: "2026-05-04T12:00:00Z"},
		"First":          {reason: "a window begins with its first second", windows: []v1alpha1.SleepWindow{nights}, now: "2026-05-04T18:00:00Z", within: true, edge: "2026-05-05T05:00:00Z"},
		"Last":           {reason: "and has ended with its last", windows: []v1alpha1.SleepWindow{nights}, now: "2026-05-05T05:00:00Z", edge: "2026-05-05T18:00:00Z"},
		"Always":         {reason: "one day follows upon the other", windows: []v1alpha1.SleepWindow{allDay}, now: "2026-05-04T12:00:00Z", within: true},
		"WholeDay":       {reason: "to the same time of day is to that of the next", windows: []v1alpha1.SleepWindow{{From: "09:00", To: "09:00"}}, now: "2026-05-04T12:00:00Z", within: true},
		"NextWeek":       {reason: "the only window of the week has just ended", windows: []v1alpha1.SleepWindow{{Days: []v1alpha1.Weekday{"Monday"}, From: "10:00", To: "12:00"}}, now: "2026-05-04T12:00:00Z", edge: "2026-05-11T10:00:00Z"},
		"FridayEvening":  {reason: "Friday night, the weekend and Sunday night are one", windows: []v1alpha1.SleepWindow{weekends, nights}, now: "2026-05-08T19:00:00Z", within: true, edge: "2026-05-11T05:00:00Z"},
		"DaysOfTheZone":  {reason: "in Berlin it is Saturday already", windows: []v1alpha1.SleepWindow{weekends}, now: "2026-05-08T22:30:00Z", within: true, edge: "2026-05-10T22:00:00Z"},
		"BeginsThatDay":  {reason: "Monday's night lasts into Tuesday, and Sunday's is not among them", windows: []v1alpha1.SleepWindow{{Days: []v1alpha1.Weekday{"Monday"}, From: "20:00", To: "07:00"}}, now: "2026-05-04T05:00:00Z", edge: "2026-05-04T20:00:00Z"},
		"ShortNight":     {reason: "clocks go forward within the window", windows: []v1alpha1.SleepWindow{nights}, now: "2026-03-28T22:00:00Z", within: true, edge: "2026-03-29T05:00:00Z"},
		"LongNight":      {reason: "clocks go back within the window", windows: []v1alpha1.SleepWindow{nights}, now: "2026-10-24T22:00:00Z", within: true, edge: "2026-10-25T06:00:00Z"},
		"NoSuchTimeEast": {reason: "02:30 is left out: the window begins with the change", windows: []v1alpha1.SleepWindow{{From: "02:30", To: "04:00", TimeZone: "Europe/Berlin"}}, now: "2026-03-29T00:30:00Z", edge: "2026-03-29T01:00:00Z"},
		"NoSuchTimeWest": {reason: "02:30 is left out: the window ends with the change", windows: []v1alpha1.SleepWindow{{From: "01:45", To: "02:30", TimeZone: "America/New_York"}}, now: "2026-03-08T06:50:00Z", within: true, edge: "2026-03-08T07:00:00Z"},
		"NoMidnight":     {reason: "Santiago skips the first hour of a day: the window begins with the day", windows: []v1alpha1.SleepWindow{{From: "00:00", To: "06:00", TimeZone: "America/Santiago"}}, now: "2026-09-06T03:00:00Z", edge: "2026-09-06T04:00:00Z"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := sleep.Decide(sleep.Input{
				Mode: v1alpha1.SleepSchedule, Windows: tc.windows, Zone: time.LoadLocation, Settled: true, Now: at(tc.now),
			})
			want := sleep.Decision{Asleep: tc.within}
			if tc.edge != "" {
				want.Next = at(tc.edge)
			}
			if tc.within {
				want.Reason, want.WakesAt = v1alpha1.SleepBySchedule, want.Next
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: Decide(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestNextIsTheNextChange walks two weeks, with a change to summer time among
// them, by the times at which the answer is said to change, and by minutes.
func TestNextIsTheNextChange(t *testing.T) {
	decide := func(now time.Time) sleep.Decision {
		return sleep.Decide(sleep.Input{
			Mode: v1alpha1.SleepSchedule, Zone: time.LoadLocation, Settled: true, Now: now,
			Windows: []v1alpha1.SleepWindow{nights, weekends, {From: "12:00", To: "12:30", TimeZone: "America/New_York"}},
		})
	}
	next := at("2026-03-20T00:00:00Z")
	asleep := decide(next).Asleep
	for now, end := next, next.AddDate(0, 0, 14); now.Before(end); now = now.Add(time.Minute) {
		d := decide(now)
		if d.Asleep != asleep && !now.Equal(next) {
			t.Fatalf("at %s the answer changes, which was said of %s", now, next)
		}
		asleep, next = d.Asleep, d.Next
	}
}

func TestUnknownZone(t *testing.T) {
	got := sleep.Decide(sleep.Input{
		Mode: v1alpha1.SleepSchedule, Zone: time.LoadLocation, Settled: true, Now: at("2026-05-04T21:00:00Z"),
		Windows: []v1alpha1.SleepWindow{{From: "20:00", To: "22:00", TimeZone: "Europe/Berlim"}, {From: "20:30", To: "22:00"}},
	})
	want := sleep.Decision{
		Asleep: true, Reason: v1alpha1.SleepBySchedule, WakesAt: at("2026-05-04T22:00:00Z"), Next: at("2026-05-04T22:00:00Z"),
		Ignored: []string{`the class's sleep.schedules[0].timeZone is "Europe/Berlim", which is not a time zone: write one such as "Europe/Berlin"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a window whose zone nobody knows is passed over, and the others count: -want, +got:\n%s", diff)
	}
}
