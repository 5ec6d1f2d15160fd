// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/progress"
	"github.com/microstaging/preview-stacks/internal/sleep"
)

// said is what a report says of a stack that sleeps or wakes.
type said struct {
	Phase         v1alpha1.Phase
	Detail        string
	Sleep         *v1alpha1.SleepStatus
	Workloads     string
	API, Cron     v1alpha1.PartState
	URL, Revision string
}

func saidBy(r progress.Report) said {
	workloads := r.Conditions[2]
	return said{
		Phase: r.Status.Phase, Detail: r.Status.Detail, Sleep: r.Status.Sleep,
		Workloads: string(workloads.Status) + " " + workloads.Reason,
		API:       r.Status.Services["api"].State, Cron: r.Status.Jobs["digest"].State,
		URL: r.Status.URL, Revision: r.Status.Revision,
	}
}

// TestSleepAndWake: what is stopped comes to rest, is as it should be, and comes
// back with the same pods' templates.
func TestSleepAndWake(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	const url = "https://web-x.preview.example.com"

	w.sleep = sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByTraffic}
	_, r := w.reconcile()
	want := said{
		Phase: v1alpha1.PhaseReady, Detail: "is going to sleep", Sleep: &v1alpha1.SleepStatus{Reason: v1alpha1.SleepByTraffic},
		Workloads: "True Asleep", API: v1alpha1.PartProgressing, Cron: v1alpha1.PartAsleep, URL: url, Revision: "9f1c2ab",
	}
	if diff := cmp.Diff(want, saidBy(r)); diff != "" {
		t.Errorf("on its way: -want, +got:\n%s", diff)
	}
	if r.Converged || !r.Moving {
		t.Error("a stack that is going to sleep is looked at again soon")
	}

	_, r = w.settle()
	want.Phase, want.Detail, want.API = v1alpha1.PhaseAsleep, "wakes when somebody opens it", v1alpha1.PartAsleep
	if diff := cmp.Diff(want, saidBy(r)); diff != "" {
		t.Errorf("asleep: -want, +got:\n%s", diff)
	}
	if _, again := w.reconcile(); cmp.Diff(r, again) != "" {
		t.Errorf("a stack that is asleep changes: %s", cmp.Diff(r, again))
	}

	w.sleep, w.waking = sleep.Decision{}, true
	_, r = w.reconcile()
	want = said{
		Phase: v1alpha1.PhaseProvisioning, Detail: "mock pay is waking",
		Workloads: "False Waking", API: v1alpha1.PartProgressing, Cron: v1alpha1.PartReady, URL: url, Revision: "9f1c2ab",
	}
	if diff := cmp.Diff(want, saidBy(r)); diff != "" {
		t.Errorf("waking: -want, +got:\n%s", diff)
	}
	_, r = w.settle()
	if r.Status.Phase != v1alpha1.PhaseReady || r.Status.Sleep != nil {
		t.Errorf("awake: %+v", r.Status)
	}
	for _, key := range []string{"deployment-api", "deployment-web", "mock-pay"} {
		if n := w.objects[key].raw["spec"].(map[string]any)["replicas"]; n != float64(1) {
			t.Errorf("%s has %v replicas", key, n)
		}
	}
}

// TestSleepDetails: how it wakes, in the column that people see.
func TestSleepDetails(t *testing.T) {
	cases := map[string]struct {
		reason string
		sleep  sleep.Decision
		absent []string
		want   said
	}{
		"Schedule": {
			reason: "the morning is a time",
			sleep:  sleep.Decision{Asleep: true, Reason: v1alpha1.SleepBySchedule, WakesAt: time.Date(2026, 5, 5, 7, 0, 0, 0, time.FixedZone("", 7200))},
			want: said{
				Phase: v1alpha1.PhaseAsleep, Detail: "wakes at 2026-05-05T05:00:00Z",
				Sleep: &v1alpha1.SleepStatus{Reason: v1alpha1.SleepBySchedule, WakesAt: "2026-05-05T05:00:00Z"}, Workloads: "True Asleep",
			},
		},
		"Command": {
			reason: "whoever wants it back reads how",
			sleep:  sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByCommand},
			want: said{
				Phase: v1alpha1.PhaseAsleep, Detail: "wakes on command: annotation microstaging.dev/wake",
				Sleep: &v1alpha1.SleepStatus{Reason: v1alpha1.SleepByCommand}, Workloads: "True Asleep",
			},
		},
		"Ignored": {
			reason: "whoever wrote it looks here",
			sleep:  sleep.Decision{Ignored: []string{"annotation x is no time"}},
			want: said{
				Phase: v1alpha1.PhaseReady, Detail: "annotation x is no time",
				Sleep: &v1alpha1.SleepStatus{Detail: "annotation x is no time"}, Workloads: "True Ready",
			},
		},
		"NoKEDA": {
			reason: "the stack runs well, and the platform team looks here",
			absent: []string{"interceptorroutes.http.keda.sh", "scaledobjects.keda.sh"},
			want: said{
				Phase: v1alpha1.PhaseReady, Workloads: "True Ready",
				Sleep: &v1alpha1.SleepStatus{Detail: "the stack does not sleep for lack of traffic: that needs interceptorroutes.http.keda.sh and scaledobjects.keda.sh, which the cluster does not have"},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, shop("9f1c2ab"))
			w.settle()
			w.sleep, w.noScaler = tc.sleep, tc.absent
			_, r := w.settle()
			got := saidBy(r)
			got.API, got.Cron, got.URL, got.Revision = "", "", "", ""
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestPushToSleeper: a stack that somebody sent to sleep runs no job of a push.
// It shows what it last ran, and rolls out when it wakes.
func TestPushToSleeper(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	w.sleep = sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByCommand}
	w.settle()
	w.stack = shop("77aa00b")
	_, r := w.settle()
	if diff := cmp.Diff([]string{"Asleep", "9f1c2ab"}, []string{string(r.Status.Phase), r.Status.Revision}); diff != "" {
		t.Errorf("after the push: phase and revision: -want, +got:\n%s", diff)
	}
	for key := range w.objects {
		if o := w.objects[key]; o.raw["kind"] == "Job" && strings.Contains(string(o.spec), "77aa00b") {
			t.Errorf("%s runs while the stack is asleep", key)
		}
	}
	w.sleep, w.waking = sleep.Decision{}, true
	_, r = w.settle()
	if diff := cmp.Diff([]string{"Ready", "77aa00b"}, []string{string(r.Status.Phase), r.Status.Revision}); diff != "" {
		t.Errorf("woken: phase and revision: -want, +got:\n%s", diff)
	}
	if image := w.objects["deployment-web"].served; image != "r.example.com/shop/web:77aa00b" {
		t.Errorf("woken, web runs %s", image)
	}
}

// TestSleepOfBroken: who sends a broken stack to sleep wants quiet, and the
// breakage is there again when it wakes.
func TestSleepOfBroken(t *testing.T) {
	w := newWorld(t, shop("broken"))
	w.settle()
	w.sleep = sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByCommand}
	_, r := w.settle()
	want := []string{"Asleep", "True", "Failed"}
	got := []string{string(r.Status.Phase), string(r.Conditions[2].Status), string(r.Status.Jobs["migrate"].State)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phase, WorkloadsReady and the failed job: -want, +got:\n%s", diff)
	}
	w.sleep = sleep.Decision{}
	if _, r = w.settle(); r.Status.Phase != v1alpha1.PhaseFailed {
		t.Errorf("woken, its phase is %s", r.Status.Phase)
	}
}

// TestSleepCost: a stack that is asleep keeps its volumes and databases.
func TestSleepCost(t *testing.T) {
	s := shop("9f1c2ab")
	s.Class.Prices = &v1alpha1.Prices{Currency: "EUR", CPU: ptr.To(resource.MustParse("0.5")), Database: ptr.To(resource.MustParse("0.01"))}
	s.Reserved.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}
	s.Reserved.Databases = 1
	w := newWorld(t, s)
	_, r := w.settle()
	awake := r.Status.Cost.Hourly
	w.sleep = sleep.Decision{Asleep: true, Reason: v1alpha1.SleepByTraffic}
	_, r = w.settle()
	if diff := cmp.Diff([]string{"1.01", "0.01"}, []string{awake, r.Status.Cost.Hourly}); diff != "" {
		t.Errorf("cost awake and asleep: -want, +got:\n%s", diff)
	}
}
