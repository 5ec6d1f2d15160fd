// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package sleep

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	// lookBack is how many days ago a window can have begun that still lasts:
	// none is longer than a day.
	lookBack = 1
	// lookAhead is how many days ahead the next window begins at the latest,
	// and the day it lasts: days repeat every week.
	lookAhead = 8
)

// A span is one occurrence of a window.
type span struct{ from, to time.Time }

// schedule tells whether a time lies within one of the windows, and when that
// changes next: zero if never, as there are none, or as one follows upon the
// other.
func schedule(windows []v1alpha1.SleepWindow, zone func(string) (*time.Location, error), now time.Time) (within bool, edge time.Time, ignored []string) {
	var spans []span
	for i, w := range windows {
		location, err := zone(cmp.Or(w.TimeZone, "UTC"))
		if err != nil {
			ignored = append(ignored, fmt.Sprintf(
				"the class's sleep.schedules[%d].timeZone is %q, which is not a time zone: write one such as \"Europe/Berlin\"", i, w.TimeZone))
			continue
		}
		spans = append(spans, occurrences(w, now.In(location))...)
	}
	horizon := now.AddDate(0, 0, lookAhead-1)
	for _, s := range joined(spans) {
		switch {
		case !s.to.After(now):
		case s.from.After(now):
			return false, s.from, ignored
		case s.to.After(horizon):
			return true, time.Time{}, ignored
		default:
			return true, s.to, ignored
		}
	}
	return false, time.Time{}, ignored
}

// occurrences of a window around a time, by the calendar of its location.
func occurrences(w v1alpha1.SleepWindow, around time.Time) []span {
	fromHour, fromMinute := clock(w.From)
	toHour, toMinute := clock(w.To)
	overnight := 0
	if toHour*60+toMinute <= fromHour*60+fromMinute {
		overnight = 1
	}
	var spans []span
	for day := -lookBack; day <= lookAhead; day++ {
		from, weekday := on(around, day, fromHour, fromMinute)
		to, _ := on(around, day+overnight, toHour, toMinute)
		if chosen(w.Days, weekday) && to.After(from) {
			spans = append(spans, span{from, to})
		}
	}
	return spans
}

// on is a time of the day, some days from another, in its location. A time that
// the change to summer time leaves out is the moment of the change. 24:00 is of
// the next day.
func on(around time.Time, days, hour, minute int) (time.Time, time.Weekday) {
	in := func(location *time.Location) time.Time {
		return time.Date(around.Year(), around.Month(), around.Day()+days, hour, minute, 0, 0, location)
	}
	t, asked := in(around.Location()), in(time.UTC)
	shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
	before, after := t.ZoneBounds()
	switch shown.Compare(asked) {
	case -1:
		t = after
	case 1:
		t = before
	}
	return t, asked.Weekday()
}

// clock reads a time of the day, which the API server has matched already.
func clock(text string) (hour, minute int) {
	if _, err := fmt.Sscanf(text, "%2d:%2d", &hour, &minute); err != nil {
		return 0, 0
	}
	return hour, minute
}

func chosen(days []v1alpha1.Weekday, day time.Weekday) bool {
	return len(days) == 0 || slices.Contains(days, v1alpha1.Weekday(day.String()))
}

// joined are spans in the order of time, those that overlap or follow upon each
// other made one.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var out []span
	for _, s := range spans {
		last := len(out) - 1
		switch {
		case last < 0 || s.from.After(out[last].to):
			out = append(out, s)
		case s.to.After(out[last].to):
			out[last].to = s.to
		}
	}
	return out
}
