// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/progress"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func TestMake(t *testing.T) {
	api := stack.Part{Kind: stack.PartService, Name: "api"}
	migrate := stack.Part{Kind: stack.PartJob, Name: "migrate"}
	db := stack.Part{Kind: stack.PartDatabase, Name: "db"}
	s := &stack.Stack{
		Services: []stack.Service{{Name: "api"}}, Jobs: []stack.Job{{Name: "migrate"}}, Databases: []stack.Database{{Name: "db"}},
		Source: v1alpha1.Source{Revision: "77aa00b3c4"},
	}
	desired := []expand.Object{
		{Key: "database-db", Part: db, Role: expand.RoleData, Object: &corev1.ConfigMap{}},
		{Key: "deployment-api", Part: api, Role: expand.RoleWorkload, Object: &corev1.ConfigMap{}},
		{Key: "job-migrate-a1", Part: migrate, Role: expand.RolePreJob, Object: &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "migrate-a1"}}},
		{Key: "namespace", Part: stack.Part{Kind: stack.PartStack}, Role: expand.RoleNamespace, Object: &corev1.Namespace{}},
	}
	is := func(state v1alpha1.PartState, reason, detail string) health.Result {
		return health.Result{State: state, Reason: reason, Detail: detail}
	}
	ok := is(v1alpha1.PartReady, v1alpha1.ReasonReady, "")
	notReady := is(v1alpha1.PartProgressing, v1alpha1.ReasonWaiting, "has 0 of 1 pods ready")
	stalled := is(v1alpha1.PartFailed, v1alpha1.ReasonRolloutStalled, "does not become ready in its new revision; the old one serves")

	type want struct {
		Phase             v1alpha1.Phase
		Detail, Revision  string
		Data, Workloads   string
		Service, Database v1alpha1.PartState
		Converged         bool
	}
	cases := map[string]struct {
		reason    string
		health    map[string]health.Result
		diagnoses map[stack.Part]health.Diagnosis
		withheld  []gate.Withheld
		immutable stack.Problems
		previous  string
		want      want
	}{
		"Created": {
			reason: "the namespace is not there; it is what all else waits for",
			want: want{
				Phase: v1alpha1.PhaseProvisioning, Detail: "namespace is being created",
				Data: v1alpha1.ReasonNamespaceNotReady, Workloads: v1alpha1.ReasonNamespaceNotReady,
				Service: v1alpha1.PartPending, Database: v1alpha1.PartPending,
			},
		},
		"Ready": {
			reason: "nothing to tell",
			health: map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": ok},
			want: want{
				Phase: v1alpha1.PhaseReady, Revision: "77aa00b3c4", Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonReady,
				Service: v1alpha1.PartReady, Database: v1alpha1.PartReady, Converged: true,
			},
		},
		"Image": {
			reason:    "the pods know why; the image may still be pushed",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": notReady},
			diagnoses: map[stack.Part]health.Diagnosis{api: {Reason: v1alpha1.ReasonImagePull, Detail: "image shop/api:77aa00b cannot be pulled: not found"}},
			want: want{
				Phase: v1alpha1.PhaseProvisioning, Detail: "service api: image shop/api:77aa00b cannot be pulled: not found",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonImagePull,
				Service: v1alpha1.PartProgressing, Database: v1alpha1.PartReady,
			},
		},
		"Root": {
			reason:    "no time helps an image that runs as root",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": notReady},
			diagnoses: map[stack.Part]health.Diagnosis{api: {Reason: v1alpha1.ReasonContainerConfig, Detail: "image x runs as root; set services.api.securityContext.runAsUser", Final: true}},
			want: want{
				Phase: v1alpha1.PhaseFailed, Detail: "service api: image x runs as root; set services.api.securityContext.runAsUser",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonContainerConfig,
				Service: v1alpha1.PartFailed, Database: v1alpha1.PartReady, Converged: true,
			},
		},
		"StalledCrash": {
			reason:    "the old revision serves, and the new one's last words are the news",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": stalled},
			diagnoses: map[stack.Part]health.Diagnosis{api: {Reason: v1alpha1.ReasonCrashLoop, Detail: "exited with code 2: panic: no DATABASE_URL"}},
			previous:  "9f1c2ab7d1e0",
			want: want{
				Phase: v1alpha1.PhaseFailed, Detail: "service api: exited with code 2: panic: no DATABASE_URL; revision 9f1c2ab keeps running", Revision: "9f1c2ab7d1e0",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonCrashLoop,
				Service: v1alpha1.PartFailed, Database: v1alpha1.PartReady, Converged: true,
			},
		},
		"StalledUnhealthy": {
			reason:    "that its pods are not healthy yet is no news about a roll-out that stalled",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": stalled},
			diagnoses: map[stack.Part]health.Diagnosis{api: {Reason: v1alpha1.ReasonWaiting, Detail: "pod runs, but is not healthy yet"}},
			want: want{
				Phase: v1alpha1.PhaseFailed, Detail: "service api does not become ready in its new revision; the old one serves",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonRolloutStalled,
				Service: v1alpha1.PartFailed, Database: v1alpha1.PartReady, Converged: true,
			},
		},
		"JobFailed": {
			reason:    "a failure goes before a database that takes long; the long words are cut",
			health:    map[string]health.Result{"namespace": ok, "database-db": notReady, "job-migrate-a1": is(v1alpha1.PartFailed, v1alpha1.ReasonJobFailed, "failed, and so did its retries"), "deployment-api": ok},
			diagnoses: map[stack.Part]health.Diagnosis{migrate: {Job: "migrate-a1", Reason: v1alpha1.ReasonCrashLoop, Detail: "exited with code 1: " + strings.Repeat("x", 180)}},
			want: want{
				Phase: v1alpha1.PhaseFailed, Detail: "job migrate failed: exited with code 1: " + strings.Repeat("x", 119) + "…",
				Data: v1alpha1.ReasonWaiting, Workloads: v1alpha1.ReasonJobFailed,
				Service: v1alpha1.PartReady, Database: v1alpha1.PartProgressing,
			},
		},
		"JobOfEarlierRun": {
			reason:    "a pod of an earlier run can outlive its Job; it says nothing about this one",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": is(v1alpha1.PartProgressing, v1alpha1.ReasonWaiting, "is running"), "deployment-api": ok},
			diagnoses: map[stack.Part]health.Diagnosis{migrate: {Job: "migrate-old", Reason: v1alpha1.ReasonCrashLoop, Detail: "exited with code 1"}},
			want: want{
				Phase: v1alpha1.PhaseProvisioning, Detail: "job migrate is running",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonWaiting,
				Service: v1alpha1.PartReady, Database: v1alpha1.PartReady,
			},
		},
		"Earliest": {
			reason:   "the database blocks the rest, so it is told rather than what waits for it",
			health:   map[string]health.Result{"namespace": ok, "database-db": is(v1alpha1.PartProgressing, v1alpha1.ReasonWaiting, "is not ready: Creating"), "job-migrate-a1": ok, "deployment-api": ok},
			withheld: []gate.Withheld{{Key: "deployment-a", Part: stack.Part{Kind: stack.PartService, Name: "a"}, Role: expand.RoleWorkload, Reason: v1alpha1.ReasonWaiting, Detail: "waits for database db", On: db}},
			want: want{
				Phase: v1alpha1.PhaseProvisioning, Detail: "database db is not ready: Creating",
				Data: v1alpha1.ReasonWaiting, Workloads: v1alpha1.ReasonWaiting,
				Service: v1alpha1.PartReady, Database: v1alpha1.PartProgressing,
			},
		},
		"Immutable": {
			reason:    "the stack is ready, without the one change that is impossible",
			health:    map[string]health.Result{"namespace": ok, "database-db": ok, "job-migrate-a1": ok, "deployment-api": ok},
			immutable: stack.Problems{{Reason: v1alpha1.ReasonImmutable, Field: "spec.volumes.uploads", Message: "has another size"}},
			want: want{
				Phase: v1alpha1.PhaseReady, Detail: "spec.volumes.uploads has another size", Revision: "77aa00b3c4",
				Data: v1alpha1.ReasonReady, Workloads: v1alpha1.ReasonReady,
				Service: v1alpha1.PartReady, Database: v1alpha1.PartReady, Converged: true,
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := progress.Make(progress.Input{
				Stack:     s,
				Decision:  gate.Decision{Desired: desired, Health: tc.health, Withheld: tc.withheld, Immutable: tc.immutable},
				Diagnoses: tc.diagnoses,
				Previous:  v1alpha1.PreviewStackStatus{Revision: tc.previous},
			})
			got := want{
				Phase: r.Status.Phase, Detail: r.Status.Detail, Revision: r.Status.Revision,
				Data: r.Conditions[1].Reason, Workloads: r.Conditions[2].Reason,
				Service: r.Status.Services["api"].State, Database: r.Status.Databases["db"].State, Converged: r.Converged,
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: Make(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	problems := stack.Problems{{Reason: v1alpha1.ReasonClassNotFound, Field: "spec.classRef.name", Message: `is "gold", which does not exist`}}
	created := time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC)
	admitted := metav1.Condition{
		Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonClassNotFound,
		Message: `spec.classRef.name is "gold", which does not exist`,
	}
	cases := map[string]struct {
		reason   string
		previous v1alpha1.PreviewStackStatus
		live     bool
		want     progress.Report
	}{
		"New": {
			reason: "nothing is started, and each condition says so",
			want: progress.Report{
				Status: v1alpha1.PreviewStackStatus{
					Phase: v1alpha1.PhaseFailed, Detail: admitted.Message, Timings: v1alpha1.Timings{CreatedAt: "2026-05-04T08:00:00Z"},
				},
				Conditions: []metav1.Condition{
					admitted,
					{Type: v1alpha1.ConditionDataReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonNotAdmitted, Message: "nothing is started until the stack is admitted"},
					{Type: v1alpha1.ConditionWorkloadsReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonNotAdmitted, Message: "nothing is started until the stack is admitted"},
				},
			},
		},
		"Live": {
			reason: "what runs is as it was; only the admission changed",
			live:   true,
			previous: v1alpha1.PreviewStackStatus{
				Phase: v1alpha1.PhaseReady, URL: "https://web", ExpiresAt: "2026-05-05T08:00:00Z",
				Conditions: []metav1.Condition{
					{Type: v1alpha1.ConditionDataReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady, LastTransitionTime: metav1.NewTime(created)},
					{Type: v1alpha1.ConditionWorkloadsReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady},
				},
			},
			want: progress.Report{
				Status: v1alpha1.PreviewStackStatus{
					Phase: v1alpha1.PhaseReady, Detail: admitted.Message, URL: "https://web", ExpiresAt: "2026-05-05T08:00:00Z",
					Timings: v1alpha1.Timings{CreatedAt: "2026-05-04T08:00:00Z"},
				},
				Conditions: []metav1.Condition{
					admitted,
					{Type: v1alpha1.ConditionDataReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady},
					{Type: v1alpha1.ConditionWorkloadsReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady},
				},
				Converged: true,
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, progress.Refuse(problems, tc.previous, created, tc.live)); diff != "" {
				t.Errorf("%s: Refuse(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// Each reason that a condition can have is explained.
func TestReasonsAreDocumented(t *testing.T) {
	source, err := os.ReadFile("../../apis/v1alpha1/wellknown.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\tReason\w+ += "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		if !strings.Contains(string(page), "\n## "+m[1]+"\n") {
			t.Errorf("docs/messages.md does not explain %s", m[1])
		}
	}
}
