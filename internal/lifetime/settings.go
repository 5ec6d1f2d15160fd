// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifetime

import (
	"fmt"
	"time"

	"github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
)

// Never is the TTL of what does not expire.
const Never = "Never"

// Settings are a Lifetime with its defaults, read.
type Settings struct {
	// TTL is zero if there is none: what never expires.
	TTL time.Duration
	// RenewOnPush: a new revision is activity.
	RenewOnPush bool

	MaxTTL, MaxPin, CloseGrace, WarnBefore, DeleteAfter, KeepReceipts time.Duration

	Delete, DeleteTracked, DryRun bool
}

// defaults of durations that nobody sets.
var defaults = v1alpha1.Lifetime{
	TTL: "4h", MaxTTL: "72h", MaxPin: "168h", CloseGrace: "30m", WarnBefore: "30m", DeleteAfter: "24h", KeepReceipts: "168h",
}

// ReadSettings reads a Lifetime. A duration that is none, or that the bounds
// refuse, is replaced by the default or the bound; what it says of that is to be
// told to people.
func ReadSettings(l v1alpha1.Lifetime) (Settings, []string) {
	r := &reader{}
	s := Settings{
		RenewOnPush:  l.RenewOnPush == nil || *l.RenewOnPush,
		MaxTTL:       r.duration("maxTTL", l.MaxTTL, defaults.MaxTTL),
		MaxPin:       r.duration("maxPin", l.MaxPin, defaults.MaxPin),
		CloseGrace:   r.duration("closeGrace", l.CloseGrace, defaults.CloseGrace),
		WarnBefore:   r.duration("warnBefore", l.WarnBefore, defaults.WarnBefore),
		DeleteAfter:  r.duration("deleteAfter", l.DeleteAfter, defaults.DeleteAfter),
		KeepReceipts: r.duration("keepReceipts", l.KeepReceipts, defaults.KeepReceipts),

		Delete: l.OnExpire == "Delete", DeleteTracked: l.DeleteTracked, DryRun: l.DryRun,
	}
	s.TTL = r.ttl(l, s.MaxTTL)
	return s, r.notes
}

// A reader collects what is to be told of what it read.
type reader struct{ notes []string }

func (r *reader) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *reader) ttl(l v1alpha1.Lifetime, longest time.Duration) time.Duration {
	if l.TTL == Never {
		if l.AllowNever {
			return 0
		}
		r.note("ttl is Never, which is not allowed here: %s counts; write a duration", longest)
		return longest
	}
	ttl := r.duration("ttl", l.TTL, defaults.TTL)
	if ttl <= 0 {
		// Zero would mean that it never expires.
		r.note("ttl is %q, so that it would expire at once: %s counts; write a duration, for example \"4h\"", l.TTL, defaults.TTL)
		ttl = r.duration("ttl", "", defaults.TTL)
	}
	if ttl > longest {
		r.note("ttl is %s, longer than the %s allowed: %s counts; a push starts it afresh", l.TTL, longest, longest)
		return longest
	}
	return ttl
}

// duration reads a duration. One too large for a machine (292 years) is none.
func (r *reader) duration(field, text, otherwise string) time.Duration {
	if text == "" {
		text = otherwise
	}
	d, err := time.ParseDuration(text)
	if err == nil && d >= 0 {
		return d
	}
	r.note("%s is %q, which is not a duration: %s counts; write hours or minutes, for example \"4h\"", field, clip(text), otherwise)
	d, err = time.ParseDuration(otherwise)
	if err != nil {
		panic(err) // The defaults are tested.
	}
	return d
}
