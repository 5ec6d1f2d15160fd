// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

// TestTTL follows a stack to Ready and counts on no event at all: Crossplane's
// circuit breaker drops them when too many came.
func TestTTL(t *testing.T) {
	f := newFakeCrossplane(t, "miniflux")
	f.age = time.Second
	if got := f.call().GetMeta().GetTtl().AsDuration(); got != ttlStarting {
		t.Errorf("a stack that somebody waits for is looked at after %s, want %s", got, ttlStarting)
	}
	f.age = time.Hour
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
	condition, err := structpb.NewValue([]any{map[string]any{
		"type": "Responsive", "status": "False", "reason": "WatchCircuitOpen",
		"lastTransitionTime": createdAt.Add(time.Hour).Format(time.RFC3339),
	}})
	if err != nil {
		t.Fatal(err)
	}
	status.Fields["conditions"] = condition
	if got := f.call().GetMeta().GetTtl().AsDuration(); got != ttlDeaf {
		t.Errorf("a Ready stack with an open breaker is looked at after %s, want %s: a push to it would go unheard", got, ttlDeaf)
	}
	f.age += 6 * time.Minute
	if got := f.call().GetMeta().GetTtl().AsDuration(); got != ttlReady {
		t.Errorf("an idle stack whose breaker has cooled down is looked at after %s, want %s: the next event gets through", got, ttlReady)
	}
}

// TestPatience: while a stack comes up its pods are not asked for, as each of
// their changes would be an event. What failed is explained at once: it makes no
// more events, and nobody would look again for minutes.
func TestPatience(t *testing.T) {
	cases := map[string]struct {
		reason    string
		age       time.Duration
		condition string
		want      bool
	}{
		"Starting": {reason: "it may just take its time", age: time.Second, condition: `{type: Progressing, status: "True"}`, want: false},
		"Slow":     {reason: "by now it should be up", age: time.Minute, condition: `{type: Progressing, status: "True"}`, want: true},
		"Failed":   {reason: "time does not help", age: time.Second, condition: `{type: Progressing, status: "False", reason: ProgressDeadlineExceeded}`, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFakeCrossplane(t, "miniflux")
			f.settle()
			f.age = tc.age
			web := f.req.GetObserved().GetResources()["deployment-web"].GetResource().GetFields()["status"].GetStructValue()
			web.Fields["availableReplicas"] = structpb.NewNumberValue(0)
			web.Fields["conditions"] = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{fromYAML(t, tc.condition)}})
			if _, asked := f.call().GetRequirements().GetResources()["pods"]; asked != tc.want {
				t.Errorf("%s: asks for pods: %t, want %t", tc.reason, asked, tc.want)
			}
		})
	}
}

func fromYAML(t *testing.T, text string) *structpb.Value {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	value, err := structpb.NewValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
