// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func shop(revision string) *stack.Stack {
	id := names.Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"}
	part := func(kind stack.PartKind, name string) stack.Dependency {
		return stack.Dependency{Part: stack.Part{Kind: kind, Name: name}, Condition: v1alpha1.DependencyReady}
	}
	image := func(name string) stack.Container {
		return stack.Container{Image: "r.example.com/shop/" + name + ":" + revision}
	}
	migrate, seed, api := image("api"), image("api"), image("api")
	migrate.Databases = []string{"db"}
	seed.DependsOn = []stack.Dependency{part(stack.PartJob, "migrate")}
	api.Databases, api.DependsOn = []string{"db"}, []stack.Dependency{part(stack.PartMock, "pay")}
	api.Mounts = []stack.Mount{{Path: "/data", Volume: "uploads"}}
	http := []stack.Port{{Name: "http", Number: 8080, Protocol: v1alpha1.ProtocolHTTP}}

	return &stack.Stack{
		Identity: id, Namespace: id.Namespace(), ClassName: "standard",
		Class: v1alpha1.PreviewClassSpec{
			Domain: "preview.example.com",
			Gateway: &v1alpha1.Gateway{
				Kind: v1alpha1.GatewayHTTPRoute, ParentRef: &v1alpha1.GatewayReference{Namespace: "edge", Name: "main"}, Namespace: "edge",
			},
		},
		Source:    v1alpha1.Source{Repository: "acme/shop", Revision: revision},
		Databases: []stack.Database{{Name: "db", Golden: "shop", Engine: "Postgres"}},
		Jobs: []stack.Job{
			{Name: "digest", Container: image("api"), Schedule: "*/15 * * * *"},
			{Name: "migrate", Container: migrate, Phase: v1alpha1.JobPreDeploy, Run: v1alpha1.JobEachRevision},
			{Name: "seed", Container: seed, Phase: v1alpha1.JobPreDeploy, Run: v1alpha1.JobOnce},
			{Name: "smoke", Container: image("api"), Phase: v1alpha1.JobPostDeploy, Run: v1alpha1.JobEachRevision},
		},
		Mocks: []stack.Mock{{Name: "pay", Engine: v1alpha1.MockWireMock, Image: "r.example.com/wiremock:3", Port: 8080}},
		Services: []stack.Service{
			{Name: "api", Container: api, Ports: http, Replicas: 1},
			{Name: "web", Container: image("web"), Ports: http, Replicas: 1, Exposed: []string{"http"}},
		},
		Volumes: []stack.Volume{{Name: "uploads", Size: resource.MustParse("5Gi"), AccessMode: corev1.ReadWriteOnce, Mounted: true}},
		Routes: []stack.Route{{
			Name: "web", Host: "web-x.preview.example.com", URL: "https://web-x.preview.example.com", Primary: true,
			Rules: []stack.RouteRule{{Paths: []string{"/"}, Service: "web", Port: 8080, Protocol: v1alpha1.ProtocolHTTP}},
		}},
	}
}

// passOf is the pass in which a key first appeared.
func (w *world) passOf(key string) int {
	return slices.IndexFunc(w.appeared, func(keys []string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return k == key || (len(k) > len(key) && k[:len(key)+1] == key+"-") })
	})
}

func TestLife(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	_, r := w.settle()

	if diff := cmp.Diff(v1alpha1.PhaseReady, r.Status.Phase); diff != "" {
		t.Fatalf("phase: -want, +got:\n%s\n%s", diff, r.Status.Detail)
	}
	order := []string{"namespace", "policy-deny", "database-db", "job-migrate", "job-seed", "deployment-api", "job-smoke"}
	for i := 1; i < len(order); i++ {
		before, after := order[i-1], order[i]
		if before == "policy-deny" && w.passOf(after) == w.passOf(before) {
			continue // Data brings no pods, so it need not wait for walls.
		}
		if w.passOf(before) < 0 || w.passOf(before) >= w.passOf(after) {
			t.Errorf("%s (pass %d) must come before %s (pass %d)", before, w.passOf(before), after, w.passOf(after))
		}
	}
	for _, pods := range []string{"mock-pay", "job-migrate", "deployment-web", "cronjob-digest"} {
		for _, wall := range []string{"policy-deny", "quota", "limit-range"} {
			if w.passOf(wall) >= w.passOf(pods) {
				t.Errorf("%s must stand before %s", wall, pods)
			}
		}
	}
	want := v1alpha1.Timings{CreatedAt: "2026-05-04T07:59:59Z", NamespaceAt: "2026-05-04T08:00:01Z", ReadyAt: r.Status.Timings.ReadyAt}
	if diff := cmp.Diff(want, r.Status.Timings); diff != "" || want.ReadyAt == "" {
		t.Errorf("timings: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff("9f1c2ab", r.Status.Revision); diff != "" {
		t.Errorf("revision: -want, +got:\n%s", diff)
	}
}

func TestIdleStackChangesNothing(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	d, r := w.settle()
	again, later := w.reconcile()
	if !bytes.Equal(encode(t, d.Desired), encode(t, again.Desired)) {
		t.Error("an idle stack's objects change")
	}
	if diff := cmp.Diff(r, later); diff != "" {
		t.Errorf("an idle stack's report changes: -first, +second:\n%s", diff)
	}
}

func TestPush(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	readyAt := w.status.Timings.ReadyAt

	w.stack = shop("77aa00b")
	_, r := w.reconcile()
	if r.Status.Phase == v1alpha1.PhaseReady {
		t.Error("a stack whose new revision is not applied is not ready")
	}
	if image := w.objects["deployment-web"].served; image != "r.example.com/shop/web:9f1c2ab" {
		t.Errorf("web runs %s before the new migration", image)
	}
	_, r = w.settle()
	if image := w.objects["deployment-web"].served; image != "r.example.com/shop/web:77aa00b" {
		t.Errorf("web runs %s after the new migration", image)
	}
	want := []string{"Ready", "77aa00b", readyAt}
	if diff := cmp.Diff(want, []string{string(r.Status.Phase), r.Status.Revision, r.Status.Timings.ReadyAt}); diff != "" {
		t.Errorf("after a push: phase, revision, readyAt: -want, +got:\n%s", diff)
	}
	runs := map[string]int{}
	for _, key := range slices.Concat(w.appeared...) {
		job, _, _ := strings.Cut(strings.TrimPrefix(key, "job-"), "-")
		runs[job]++
	}
	if runs["seed"] != 1 || runs["migrate"] != 2 || runs["smoke"] != 2 {
		t.Errorf("runs: %v, want seed once, migrate and smoke for each revision", runs)
	}
}

func TestPushWithFailingMigration(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()

	w.stack = shop("broken")
	d, r := w.settle()
	if image := w.objects["deployment-api"].served; image != "r.example.com/shop/api:9f1c2ab" {
		t.Errorf("api runs %s though its migration failed", image)
	}
	var paused []string
	for _, p := range d.Paused {
		paused = append(paused, p.Key)
	}
	if diff := cmp.Diff([]string{"cronjob-digest", "deployment-api", "deployment-web"}, paused); diff != "" {
		t.Errorf("paused: -want, +got:\n%s", diff)
	}
	want := v1alpha1.PreviewStackStatus{
		Phase: v1alpha1.PhaseFailed, Revision: "9f1c2ab",
		Detail: "job migrate failed, and so did its retries; revision 9f1c2ab keeps running",
	}
	got := v1alpha1.PreviewStackStatus{Phase: r.Status.Phase, Revision: r.Status.Revision, Detail: r.Status.Detail}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("status: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(v1alpha1.PartStatus{
		State: v1alpha1.PartProgressing, Image: "r.example.com/shop/api:broken",
		Detail: "waits for job migrate, which failed; its old revision keeps running",
	}, r.Status.Services["api"]); diff != "" {
		t.Errorf("service api: -want, +got:\n%s", diff)
	}

	w.stack = shop("0c0ffee")
	if _, r = w.settle(); r.Status.Phase != v1alpha1.PhaseReady {
		t.Errorf("a mended revision does not roll out: %s", r.Status.Detail)
	}
}

func TestNamespaceDeletedUnderALiveStack(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	// The namespace goes, and takes some of its objects with it already.
	w.objects["namespace"].raw["metadata"].(map[string]any)["deletionTimestamp"] = "2026-05-04T09:00:00Z"
	delete(w.objects, "deployment-web")
	d, r := w.decide()
	w.checkNothingLost(d)
	if len(d.Withheld) != 1 || d.Withheld[0].Key != "deployment-web" || d.Withheld[0].Reason != v1alpha1.ReasonNamespaceNotReady {
		t.Errorf("withheld: %+v, want deployment-web only", d.Withheld)
	}
	if diff := cmp.Diff("namespace is being deleted", r.Status.Detail); diff != "" {
		t.Errorf("detail: -want, +got:\n%s", diff)
	}
	if r.Converged {
		t.Error("a stack whose namespace goes has not converged")
	}
}

func TestDependencyLostLater(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	w.objects["database-db"].raw["status"] = map[string]any{"conditions": []any{
		map[string]any{"type": "Ready", "status": "False", "message": "server is restarting"},
	}}
	d, r := w.decide()
	w.checkNothingLost(d)
	if len(d.Withheld)+len(d.Paused) > 0 {
		t.Errorf("a database that went away holds back what runs: %+v %+v", d.Withheld, d.Paused)
	}
	if diff := cmp.Diff("database db is not ready: server is restarting", r.Status.Detail); diff != "" {
		t.Errorf("detail: -want, +got:\n%s", diff)
	}
}

func TestMissingKind(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	const crd = "databasebranches.database.microstaging.dev"
	w.absent[crd] = true
	d, r := w.settle()
	if diff := cmp.Diff([]string{crd}, d.Missing); diff != "" {
		t.Errorf("missing: -want, +got:\n%s", diff)
	}
	want := metav1.Condition{
		Type: v1alpha1.ConditionDataReady, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonMissingKind,
		Message: "database db needs databasebranches.database.microstaging.dev, which the cluster does not have",
	}
	if diff := cmp.Diff(want, r.Conditions[1]); diff != "" {
		t.Errorf("condition: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(want.Message, r.Status.Detail); diff != "" {
		t.Errorf("detail: -want, +got:\n%s", diff)
	}
	delete(w.absent, crd)
	if _, r = w.settle(); r.Status.Phase != v1alpha1.PhaseReady {
		t.Errorf("the stack does not recover when the kind appears: %s", r.Status.Detail)
	}
}

func TestImmutableVolume(t *testing.T) {
	w := newWorld(t, shop("9f1c2ab"))
	w.settle()
	spec := bytes.Clone(w.objects["volume-uploads"].spec)
	w.stack = shop("9f1c2ab")
	w.stack.Volumes[0].CloneOf = "other"
	_, r := w.settle()
	if diff := cmp.Diff(string(spec), string(w.objects["volume-uploads"].spec)); diff != "" {
		t.Errorf("the volume claim changed: -before, +after:\n%s", diff)
	}
	want := metav1.Condition{
		Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonImmutable,
		Message: `spec.volumes.uploads changes ["from"], which cannot change while the volume exists: undo the change, or use another name`,
	}
	if diff := cmp.Diff(want, r.Conditions[0]); diff != "" {
		t.Errorf("condition: -want, +got:\n%s", diff)
	}
}

func TestLive(t *testing.T) {
	for name, tc := range map[string]struct {
		reason   string
		observed []string
		want     bool
	}{
		"Nothing":   {"a new stack has nothing to lose", nil, false},
		"Namespace": {"a bare namespace holds nothing", []string{"namespace"}, false},
		"Children":  {"a stack with children must not lose them", []string{"namespace", "quota"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := gate.Live(tc.observed); got != tc.want {
				t.Errorf("%s: Live() = %t, want %t", tc.reason, got, tc.want)
			}
		})
	}
}
