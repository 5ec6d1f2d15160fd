// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/health/healthtest"
	"github.com/microstaging/preview-stacks/internal/progress"
	"github.com/microstaging/preview-stacks/internal/sleep"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A world is a cluster with controllers that each do one step at a time, and
// the stack that is applied to it. Everything is a fake: what it shows is the
// order of decisions, not how Kubernetes behaves.
type world struct {
	t       *testing.T
	stack   *stack.Stack
	objects map[string]*object
	clock   time.Time
	status  v1alpha1.PreviewStackStatus
	// appeared are keys in the order in which they were created, one pass a
	// group.
	appeared [][]string
	absent   map[string]bool // CRDs.
	// sleep is what package sleep decided; noScaler and waking go with it.
	sleep    sleep.Decision
	noScaler []string
	waking   bool
}

// An object of the cluster, as JSON.
type object struct {
	raw    map[string]any
	spec   []byte
	served string // The image that a Deployment's pods run.
}

func newWorld(t *testing.T, s *stack.Stack) *world {
	t.Helper()
	return &world{
		t: t, stack: s, objects: map[string]*object{}, absent: map[string]bool{},
		clock: time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC),
	}
}

func (w *world) observed(key string) (health.Observed, bool) {
	o, ok := w.objects[key]
	if !ok {
		return nil, false
	}
	return healthtest.FromTyped(o.raw), true
}

// decide without applying.
func (w *world) decide() (gate.Decision, progress.Report) {
	objects := expand.Expand(w.stack, nil)
	d := gate.Decide(w.stack, objects, gate.World{
		Observed: w.observed,
		HasKind:  func(crd string) bool { return !w.absent[crd] },
		Asleep:   w.sleep.Asleep,
	})
	r := progress.Make(progress.Input{
		Stack: w.stack, Decision: d, Previous: w.status, CreatedAt: time.Date(2026, time.May, 4, 7, 59, 59, 0, time.UTC),
		Sleep: w.sleep, NoScaler: w.noScaler, Waking: w.waking,
	})
	return d, r
}

// reconcile decides, checks what must always hold, and applies.
func (w *world) reconcile() (gate.Decision, progress.Report) {
	w.t.Helper()
	d, r := w.decide()
	w.checkNothingLost(d)
	w.checkStable(d, r)
	w.status = r.Status
	w.apply(d)
	return d, r
}

// settle reconciles and lets the controllers work until nothing moves.
func (w *world) settle() (gate.Decision, progress.Report) {
	w.t.Helper()
	for range 50 {
		d, r := w.reconcile()
		if !w.step() && r.Converged {
			return d, r
		}
	}
	w.t.Fatal("the stack does not come to rest")
	return gate.Decision{}, progress.Report{}
}

// checkNothingLost: what is observed is desired, as long as the definition has it.
func (w *world) checkNothingLost(d gate.Decision) {
	w.t.Helper()
	desired := map[string]bool{}
	for _, o := range d.Desired {
		desired[o.Key] = true
	}
	for _, o := range expand.Expand(w.stack, nil) {
		if w.objects[o.Key] != nil && !desired[o.Key] {
			w.t.Errorf("%s is observed and not desired: it would be deleted", o.Key)
		}
	}
}

// checkStable: the same input gives the same output.
func (w *world) checkStable(d gate.Decision, r progress.Report) {
	w.t.Helper()
	d2, r2 := w.decide()
	if !bytes.Equal(encode(w.t, d.Desired), encode(w.t, d2.Desired)) || !bytes.Equal(encode(w.t, r), encode(w.t, r2)) {
		w.t.Error("the same input gave another output")
	}
}

func (w *world) apply(d gate.Decision) {
	w.t.Helper()
	desired, created := map[string]bool{}, []string(nil)
	for _, o := range d.Desired {
		desired[o.Key] = true
		if w.put(o) {
			created = append(created, o.Key)
		}
	}
	maps.DeleteFunc(w.objects, func(key string, _ *object) bool { return !desired[key] })
	if len(created) > 0 {
		w.appeared = append(w.appeared, created)
	}
}

// put stores an object, keeping status, and counts generations as the API
// server does.
func (w *world) put(o expand.Object) (created bool) {
	w.t.Helper()
	var raw map[string]any
	if err := json.Unmarshal(encode(w.t, o.Object), &raw); err != nil {
		w.t.Fatalf("cannot decode %s: %v", o.Key, err)
	}
	spec := encode(w.t, raw["spec"])
	was := w.objects[o.Key]
	meta := raw["metadata"].(map[string]any)
	if was == nil {
		w.clock = w.clock.Add(time.Second)
		meta["creationTimestamp"], meta["generation"] = w.clock.Format(time.RFC3339), 1
		delete(raw, "status")
		w.objects[o.Key] = &object{raw: raw, spec: spec}
		return true
	}
	old := was.raw["metadata"].(map[string]any)
	meta["creationTimestamp"], meta["generation"] = old["creationTimestamp"], old["generation"]
	if !bytes.Equal(spec, was.spec) {
		meta["generation"] = old["generation"].(int) + 1
	}
	raw["status"] = was.raw["status"]
	was.raw, was.spec = raw, spec
	return false
}

// step lets each controller do its work; false if none had any.
func (w *world) step() bool {
	w.t.Helper()
	moved := false
	for _, key := range slices.Sorted(maps.Keys(w.objects)) {
		o := w.objects[key]
		before := encode(w.t, o.raw["status"])
		if status := w.controller(o); status != nil {
			o.raw["status"] = status
		}
		moved = moved || !bytes.Equal(before, encode(w.t, o.raw["status"]))
	}
	return moved
}

func (w *world) controller(o *object) map[string]any {
	generation := o.raw["metadata"].(map[string]any)["generation"]
	now := w.clock.Format(time.RFC3339)
	if o.raw["status"] != nil {
		now = "2026-05-04T08:30:00Z"
	}
	is := func(conditionType string) map[string]any {
		return map[string]any{"type": conditionType, "status": "True", "lastTransitionTime": now, "lastUpdateTime": now, "observedGeneration": generation}
	}
	switch o.raw["kind"] {
	case "Namespace":
		return map[string]any{"phase": "Active"}
	case "PersistentVolumeClaim":
		return map[string]any{"phase": "Bound", "capacity": map[string]any{"storage": "5Gi"}}
	case "DatabaseBranch", "StackSecret":
		return map[string]any{"conditions": []any{is("Ready"), is("Synced")}}
	case "Job":
		if o.raw["status"] != nil {
			return nil
		}
		if strings.Contains(string(o.spec), "broken") {
			return map[string]any{"conditions": []any{map[string]any{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}}}
		}
		return map[string]any{"completionTime": now, "conditions": []any{is("Complete")}}
	case "Deployment":
		return deploy(o, generation, is)
	case "HTTPRoute":
		parent := o.raw["spec"].(map[string]any)["parentRefs"].([]any)[0]
		return map[string]any{"parents": []any{map[string]any{"parentRef": parent, "conditions": []any{is("Accepted"), is("ResolvedRefs")}}}}
	}
	return nil
}

// deploy rolls out, unless the Deployment is paused: then its pods stay.
func deploy(o *object, generation any, is func(string) map[string]any) map[string]any {
	var spec struct {
		Paused   bool
		Replicas int
		Template struct {
			Spec struct{ Containers []struct{ Image string } }
		}
	}
	if err := json.Unmarshal(o.spec, &spec); err != nil {
		panic(err)
	}
	image := spec.Template.Spec.Containers[0].Image
	if spec.Paused && image != o.served {
		return map[string]any{"observedGeneration": generation, "replicas": spec.Replicas, "availableReplicas": spec.Replicas}
	}
	o.served = image
	return map[string]any{
		"observedGeneration": generation, "replicas": spec.Replicas, "updatedReplicas": spec.Replicas, "availableReplicas": spec.Replicas,
		"conditions": []any{is("Available"), is("Progressing")},
	}
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("cannot encode: %v", err)
	}
	return data
}
