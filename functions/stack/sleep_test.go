// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

// A sleeper is the example of a stack that sleeps, and a fake scaler.
type sleeper struct {
	*fakeCrossplane

	// lever is what the scaler last set the switch to.
	lever float64
	// reasons of conditions, and since when they have them.
	reasons, since map[string]string
}

func newSleeper(t *testing.T) *sleeper {
	t.Helper()
	return &sleeper{
		fakeCrossplane: newFakeCrossplane(t, "sleep"), lever: 1,
		reasons: map[string]string{}, since: map[string]string{},
	}
}

// step calls the function, and has what it desires observed.
func (s *sleeper) step() *fnv1.RunFunctionResponse {
	s.t.Helper()
	s.move()
	rsp := s.call()
	s.req = wiretest.Next(s.req, rsp)
	return rsp
}

// move is the scaler: whatever is applied, the replicas of the switch are its.
func (s *sleeper) move() {
	if lever := s.req.GetObserved().GetResources()[expand.SleepSwitchKey].GetResource(); lever != nil {
		lever.GetFields()["spec"].GetStructValue().Fields["replicas"] = structpb.NewNumberValue(s.lever)
	}
}

// settled steps until nothing changes.
func (s *sleeper) settled() *fnv1.RunFunctionResponse {
	s.t.Helper()
	var before *fnv1.RunFunctionResponse
	for range maxCalls {
		rsp := s.step()
		s.feel(rsp)
		if before != nil && proto.Equal(before.GetDesired(), rsp.GetDesired()) {
			return rsp
		}
		before = rsp
	}
	s.t.Fatalf("the stack did not settle within %d calls", maxCalls)
	return nil
}

// feel has the conditions observed, which tell a stack that wakes from others.
func (s *sleeper) feel(rsp *fnv1.RunFunctionResponse) {
	status := s.req.GetObserved().GetComposite().GetResource().GetFields()["status"].GetStructValue()
	var list []*structpb.Value
	for _, c := range rsp.GetConditions() {
		if s.reasons[c.GetType()] != c.GetReason() {
			s.reasons[c.GetType()], s.since[c.GetType()] = c.GetReason(), createdAt.Add(s.age).Format(time.RFC3339)
		}
		value, err := structpb.NewValue(map[string]any{
			"type": c.GetType(), "reason": c.GetReason(), "lastTransitionTime": s.since[c.GetType()],
			"status": map[bool]string{true: "True", false: "False"}[c.GetStatus() == fnv1.Status_STATUS_CONDITION_TRUE],
		})
		if err != nil {
			s.t.Fatal(err)
		}
		list = append(list, value)
	}
	status.Fields["conditions"] = structpb.NewListValue(&structpb.ListValue{Values: list})
}

// annotate writes a command on the claim, and so on the composite.
func (s *sleeper) annotate(key, value string) {
	meta := s.req.GetObserved().GetComposite().GetResource().GetFields()["metadata"].GetStructValue()
	if meta.GetFields()["annotations"] == nil {
		meta.Fields["annotations"] = structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{}})
	}
	meta.GetFields()["annotations"].GetStructValue().Fields[key] = structpb.NewStringValue(value)
}

// pods are the replicas that are wanted: api 1, cache 1, web 0.
func pods(rsp *fnv1.RunFunctionResponse) string {
	var out []string
	resources := rsp.GetDesired().GetResources()
	for _, key := range slices.Sorted(maps.Keys(resources)) {
		if name, ok := strings.CutPrefix(key, "deployment-"); ok {
			spec := resources[key].GetResource().GetFields()["spec"].GetStructValue()
			out = append(out, fmt.Sprintf("%s %v", name, spec.GetFields()["replicas"].GetNumberValue()))
		}
	}
	return strings.Join(out, ", ")
}

func phase(rsp *fnv1.RunFunctionResponse) string {
	status := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"].GetStructValue().GetFields()
	return strings.TrimSpace(status["phase"].GetStringValue() + ": " + status["detail"].GetStringValue())
}

func sleepOf(rsp *fnv1.RunFunctionResponse) map[string]any {
	status := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"].GetStructValue().GetFields()
	return status["sleep"].GetStructValue().AsMap()
}

// routes are the keys of what leads requests to the stack.
func routes(rsp *fnv1.RunFunctionResponse) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(rsp.GetDesired().GetResources())) {
		if strings.HasPrefix(key, "route-") || key == "intercept-web.web.8080" {
			out = append(out, key)
		}
	}
	return out
}

// patient is the claim's sleepAfter.
const patient = time.Hour

// TestSleepByTraffic follows the switch down and up. The run that sees it moved
// moves the stack already.
func TestSleepByTraffic(t *testing.T) {
	s := newSleeper(t)
	s.settled()
	s.lever = 0
	if diff := cmp.Diff("Ready:", phase(s.settled())); diff != "" {
		t.Errorf("it has just come up: -want, +got:\n%s", diff)
	}
	var asleep, awake []string
	s.age += patient
	for range 4 {
		rsp := s.step()
		s.feel(rsp)
		asleep = append(asleep, pods(rsp)+" "+phase(rsp))
	}
	if diff := cmp.Diff([]string{
		"api 1, cache 1, web 0 Ready: is going to sleep",
		"api 0, cache 1, web 0 Ready: is going to sleep",
		"api 0, cache 0, web 0 Ready: is going to sleep",
		"api 0, cache 0, web 0 Asleep: wakes when somebody opens it",
	}, asleep); diff != "" {
		t.Errorf("falling asleep: -want, +got:\n%s", diff)
	}
	rsp := s.settled()
	if got := rsp.GetDesired().GetComposite().GetReady(); got != fnv1.Ready_READY_TRUE {
		t.Errorf("a stack that is asleep as it should be is %s", got)
	}
	for key, r := range rsp.GetDesired().GetResources() {
		if r.GetReady() != fnv1.Ready_READY_TRUE {
			t.Errorf("asleep, %s is %s", key, r.GetReady())
		}
	}
	if got := rsp.GetMeta().GetTtl().AsDuration(); got != ttlReady {
		t.Errorf("asleep, it is looked at after %s, want %s", got, ttlReady)
	}

	s.lever = 1
	for i := range 4 {
		rsp := s.step()
		s.feel(rsp)
		awake = append(awake, pods(rsp)+" "+phase(rsp))
		if got := rsp.GetMeta().GetTtl().AsDuration(); i < 3 && got != ttlWaking {
			t.Errorf("waking, it is looked at after %s, want %s", got, ttlWaking)
		}
	}
	if diff := cmp.Diff([]string{
		"api 0, cache 1, web 0 Provisioning: service cache is waking",
		"api 1, cache 1, web 0 Provisioning: service api is waking",
		"api 1, cache 1, web 1 Provisioning: service web is waking",
		"api 1, cache 1, web 1 Ready:",
	}, awake); diff != "" {
		t.Errorf("waking: -want, +got:\n%s", diff)
	}
}

// TestSwitchIsTheScalers: replicas that we applied would be taken from it.
func TestSwitchIsTheScalers(t *testing.T) {
	s := newSleeper(t)
	for _, lever := range []float64{1, 0, 1} {
		s.lever = lever
		s.age += patient
		spec := s.settled().GetDesired().GetResources()[expand.SleepSwitchKey].GetResource().GetFields()["spec"].GetStructValue()
		if _, set := spec.GetFields()["replicas"]; set {
			t.Error("the function desires replicas of the switch")
		}
	}
}

// TestSleepBySchedule: without KEDA, the class's nights count. The example was
// made at 05:06 UTC, which is an hour before the end of the night in Berlin.
func TestSleepBySchedule(t *testing.T) {
	s := newSleeper(t)
	s.lacks, s.age = "keda.sh", -90*time.Minute
	s.settled()
	s.age = 30 * time.Minute
	rsp := s.settled()
	if diff := cmp.Diff("api 0, cache 0, web 0 Asleep: wakes at 2026-03-04T06:00:00Z", pods(rsp)+" "+phase(rsp)); diff != "" {
		t.Errorf("at night: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{
		"reason": "Schedule", "wakesAt": "2026-03-04T06:00:00Z",
		"detail": "the stack does not sleep for lack of traffic: that needs interceptorroutes.http.keda.sh and scaledobjects.keda.sh, which the cluster does not have",
	}, sleepOf(rsp)); diff != "" {
		t.Errorf("status.sleep: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"route-web"}, routes(rsp)); diff != "" {
		t.Errorf("routes: -want, +got:\n%s", diff)
	}
	// Crossplane may take a tenth longer: it is asked a tenth early.
	if got, want := rsp.GetMeta().GetTtl().AsDuration(), 24*time.Minute*9/10; got != want {
		t.Errorf("it is looked at after %s, want %s", got, want)
	}
	s.age = 54 * time.Minute
	rsp = s.settled()
	if diff := cmp.Diff("api 1, cache 1, web 1 Ready:", pods(rsp)+" "+phase(rsp)); diff != "" {
		t.Errorf("in the morning: -want, +got:\n%s", diff)
	}
}

// TestSleepByCommand: the later command counts, against the switch, too.
func TestSleepByCommand(t *testing.T) {
	s := newSleeper(t)
	s.settled()
	s.annotate(v1alpha1.AnnotationSleep, createdAt.Add(50*time.Minute).Format(time.RFC3339))
	rsp := s.settled()
	if diff := cmp.Diff("api 0, cache 0, web 0 Asleep: wakes on command: annotation microstaging.dev/wake", pods(rsp)+" "+phase(rsp)); diff != "" {
		t.Errorf("sent to sleep: -want, +got:\n%s", diff)
	}
	s.lever = 0
	s.annotate(v1alpha1.AnnotationWake, createdAt.Add(55*time.Minute).Format(time.RFC3339))
	rsp = s.settled()
	if diff := cmp.Diff("api 1, cache 1, web 1 Ready:", pods(rsp)+" "+phase(rsp)); diff != "" {
		t.Errorf("woken: -want, +got:\n%s", diff)
	}
	s.age += patient
	if diff := cmp.Diff("Asleep: wakes when somebody opens it", phase(s.settled())); diff != "" {
		t.Errorf("nobody came: -want, +got:\n%s", diff)
	}
	s.annotate(v1alpha1.AnnotationWake, "at once")
	s.lever = 1
	rsp = s.settled()
	want := "Asleep: annotation microstaging.dev/wake is \"at once\", which is not a time"
	if got := phase(rsp); !strings.HasPrefix(got, want) {
		t.Errorf("a command that is no time: got %q, want %q, as the command before counts again", got, want)
	}
	if got := admittedReason(rsp); got != v1alpha1.ReasonAdmitted {
		t.Errorf("a command that is no time is no reason to refuse a stack: %s", got)
	}
}

// TestPushWakes: a push to a stack that sleeps by itself is built and comes up.
// Once it has been up for long enough, the switch counts again.
func TestPushWakes(t *testing.T) {
	s := newSleeper(t)
	s.settled()
	s.lever = 0
	s.age += patient
	s.settled()
	const pushed = "0123456789abcdef0123456789abcdef01234567"
	source := s.req.GetObserved().GetComposite().GetResource().GetFields()["spec"].GetStructValue().GetFields()["source"]
	source.GetStructValue().Fields["revision"] = structpb.NewStringValue(pushed)
	var phases []string
	for i := range 14 {
		if i == 7 {
			s.age += patient
		}
		rsp := s.step()
		s.feel(rsp)
		phases = append(phases, phase(rsp))
	}
	if diff := cmp.Diff([]string{
		"Provisioning: service cache is waking",
		"Provisioning: service api is waking",
		"Provisioning: service web is waking",
		"Ready:",
		"Ready: is going to sleep",
		"Asleep: wakes when somebody opens it",
	}, slices.Compact(phases)); diff != "" {
		t.Errorf("phases after a push: -want, +got:\n%s", diff)
	}
	status := s.req.GetObserved().GetComposite().GetResource().GetFields()["status"].GetStructValue()
	if got := status.GetFields()["revision"].GetStringValue(); got != pushed {
		t.Errorf("status.revision is %q", got)
	}
}

// TestKEDAComesAndGoes: the old routes go when the new ones are ready.
func TestKEDAComesAndGoes(t *testing.T) {
	s := newSleeper(t)
	s.lacks = "keda.sh"
	if diff := cmp.Diff([]string{"route-web"}, routes(s.settled())); diff != "" {
		t.Errorf("without KEDA: -want, +got:\n%s", diff)
	}
	s.lacks = ""
	if diff := cmp.Diff([]string{"intercept-web.web.8080", "route-web"}, routes(s.step())); diff != "" {
		t.Errorf("KEDA has come: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"intercept-web.web.8080"}, routes(s.settled())); diff != "" {
		t.Errorf("KEDA is there: -want, +got:\n%s", diff)
	}
	class := s.find("PreviewClass").Object["spec"].(map[string]any) //nolint:forcetypeassert // the example has a spec
	class["sleep"].(map[string]any)["mode"] = "Never"               //nolint:forcetypeassert // and says when stacks sleep
	if diff := cmp.Diff([]string{"intercept-web.web.8080", "route-web"}, routes(s.step())); diff != "" {
		t.Errorf("the class has changed: -want, +got:\n%s", diff)
	}
	rsp := s.settled()
	if diff := cmp.Diff([]string{"route-web"}, routes(rsp)); diff != "" {
		t.Errorf("the class's change is through: -want, +got:\n%s", diff)
	}
	if _, there := rsp.GetDesired().GetResources()[expand.SleepSwitchKey]; there {
		t.Error("the switch stays")
	}
}
