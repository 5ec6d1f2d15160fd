// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

// TestTTL follows a stack to Ready and counts on no event at all: Crossplane's
// circuit breaker drops them when too many came.
func TestTTL(t *testing.T) {
	f := newFakeCrossplane(t, "miniflux")
	var ttls []time.Duration
	for range maxCalls {
		rsp := f.call()
		ttls = append(ttls, rsp.GetMeta().GetTtl().AsDuration())
		f.req = wiretest.Next(f.req, rsp)
		if ttls[len(ttls)-1] == ttlReady {
			break
		}
	}
	// On its way, then news that may have opened the breaker, then idle.
	if diff := cmp.Diff([]time.Duration{ttlMoving, ttlDeaf, ttlReady}, slices.Compact(slices.Clone(ttls))); diff != "" {
		t.Errorf("TTLs of a stack that comes up: -want, +got:\n%s\nall: %v", diff, ttls)
	}

	status := f.req.GetObserved().GetComposite().GetResource().GetFields()["status"].GetStructValue()
	condition, err := structpb.NewValue([]any{map[string]any{"type": conditionResponsive, "status": "False", "reason": "WatchCircuitOpen"}})
	if err != nil {
		t.Fatal(err)
	}
	status.Fields["conditions"] = condition
	if got := f.call().GetMeta().GetTtl().AsDuration(); got != ttlDeaf {
		t.Errorf("a Ready stack with an open breaker is looked at after %s, want %s: a push to it would go unheard", got, ttlDeaf)
	}
}

// TestPatience: while a stack comes up its pods are not asked for, as each of
// their changes would be an event.
func TestPatience(t *testing.T) {
	f := newFakeCrossplane(t, "miniflux")
	f.settle()
	web := f.req.GetObserved().GetResources()["deployment-web"].GetResource().GetFields()["status"].GetStructValue()
	web.Fields["availableReplicas"] = structpb.NewNumberValue(0)
	for age, want := range map[time.Duration]bool{time.Second: false, time.Minute: true} {
		f.age = age
		if _, asked := f.call().GetRequirements().GetResources()["pods"]; asked != want {
			t.Errorf("a stack of %s that is not ready asks for its pods: %t, want %t", age, asked, want)
		}
	}
}
