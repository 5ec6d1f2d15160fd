// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/health/healthtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

var (
	whole   = stack.Part{Kind: stack.PartStack}
	db      = stack.Part{Kind: stack.PartDatabase, Name: "db"}
	api     = stack.Part{Kind: stack.PartService, Name: "api"}
	cache   = stack.Part{Kind: stack.PartService, Name: "cache"}
	migrate = stack.Part{Kind: stack.PartJob, Name: "migrate"}
	smoke   = stack.Part{Kind: stack.PartJob, Name: "smoke"}
)

const branchCRD = "databasebranches.database.microstaging.dev"

// Objects of a small stack, as package expand describes them.
var (
	namespace = expand.Object{Key: "namespace", Part: whole, Role: expand.RoleNamespace, Object: &corev1.Namespace{}}
	wall      = expand.Object{Key: "policy-deny", Part: whole, Role: expand.RoleBase, Object: &corev1.ConfigMap{}}
	exotic    = expand.Object{Key: "policy-hosts", Part: whole, Role: expand.RoleBase, Object: &corev1.ConfigMap{}, NeedsCRD: "ciliumnetworkpolicies.cilium.io"}
	branch    = expand.Object{Key: "database-db", Part: db, Role: expand.RoleData, Object: &corev1.ConfigMap{}, NeedsCRD: branchCRD}
	migration = expand.Object{Key: "job-migrate-a1", Part: migrate, Role: expand.RolePreJob, Object: &batchv1.Job{}}
	schedule  = expand.Object{Key: "cronjob-digest", Part: stack.Part{Kind: stack.PartJob, Name: "digest"}, Role: expand.RoleCronJob, Object: &batchv1.CronJob{}}
	test      = expand.Object{Key: "job-smoke-a1", Part: smoke, Role: expand.RolePostJob, Object: &batchv1.Job{}}
	files     = expand.Object{Key: "files-api", Part: api, Role: expand.RoleBase, Object: &corev1.ConfigMap{Data: map[string]string{"a": "new"}}}
	route     = expand.Object{Key: "route-web", Part: stack.Part{Kind: stack.PartRoute, Name: "web"}, Role: expand.RoleRoute, Object: &corev1.ConfigMap{}}
)

func deployment(part stack.Part, image string) *appsv1.Deployment {
	d := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: part.Name},
	}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: part.Name, Image: image}}
	return d
}

func service(part stack.Part) expand.Object {
	return expand.Object{Key: "deployment-" + part.Name, Part: part, Role: expand.RoleWorkload, Object: deployment(part, "new")}
}

// beforeJobs is a service that a PreDeploy job depends on.
func beforeJobs(o expand.Object) expand.Object {
	o.BeforeJobs = true
	return o
}

func after(o expand.Object, part stack.Part) expand.Object {
	o.DependsOn = []stack.Dependency{{Part: part, Condition: v1alpha1.DependencyReady}}
	return o
}

// Observed objects.
var (
	active   = healthtest.FromYAML(`{apiVersion: v1, kind: Namespace, status: {phase: Active}}`)
	there    = healthtest.FromYAML(`{apiVersion: v1, kind: ConfigMap}`)
	branchOK = healthtest.FromYAML(`{apiVersion: database.microstaging.dev/v1alpha1, kind: DatabaseBranch, status: {conditions: [{type: Ready, status: "True"}]}}`)
	branchNo = healthtest.FromYAML(`{apiVersion: database.microstaging.dev/v1alpha1, kind: DatabaseBranch, status: {conditions: [{type: Ready, status: "False"}]}}`)
	complete = healthtest.FromYAML(`{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Complete, status: "True"}]}}`)
	running  = healthtest.FromYAML(`{apiVersion: batch/v1, kind: Job, status: {active: 1}}`)
	broken   = healthtest.FromYAML(`{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Failed, status: "True"}]}}`)
)

// rolledOut is a Deployment as it is once it was applied and is available.
func rolledOut(t *testing.T, part stack.Part, image string) *healthtest.Object {
	t.Helper()
	o := expand.Object{Key: "deployment", Part: part, Role: expand.RoleNamespace, Object: deployment(part, image)}
	applied := gate.Decide(&stack.Stack{}, []expand.Object{o}, gate.World{
		Observed: func(string) (health.Observed, bool) { return active, true },
	})
	d := applied.Desired[0].Object.(*appsv1.Deployment).DeepCopy()
	d.Status = appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}
	return healthtest.FromTyped(d)
}

// wrapped in an Object of provider-kubernetes.
func wrapped(t *testing.T, o *healthtest.Object) *healthtest.Object {
	t.Helper()
	var manifest any
	if err := o.Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	return healthtest.FromTyped(map[string]any{
		"apiVersion": "kubernetes.crossplane.io/v1alpha2", "kind": "Object",
		"status": map[string]any{"atProvider": map[string]any{"manifest": manifest}},
	})
}

func TestDecide(t *testing.T) {
	all := []expand.Object{branch, schedule, service(api), migration, test, namespace, wall, route}
	usesDB := &stack.Stack{
		Jobs:     []stack.Job{{Name: "migrate", Container: stack.Container{Databases: []string{"db"}}}},
		Services: []stack.Service{{Name: "api", Container: stack.Container{Databases: []string{"db"}}}},
	}
	newAPI, oldAPI := rolledOut(t, api, "new"), rolledOut(t, api, "old")

	type want struct {
		Desired          []string
		Withheld, Paused map[string]string
		Missing          []string
	}
	cases := map[string]struct {
		reason   string
		objects  []expand.Object
		observed map[string]*healthtest.Object
		absent   string
		want     want
	}{
		"Nothing": {
			reason:  "all waits for the namespace",
			objects: []expand.Object{wall, namespace, route},
			want: want{
				Desired:  []string{"namespace"},
				Withheld: map[string]string{"policy-deny": "waits for the namespace", "route-web": "waits for the namespace"},
			},
		},
		"StaleFiles": {
			reason:   "a pod that started now would mount the files of the push before, and keep them",
			objects:  []expand.Object{files, namespace, service(api)},
			observed: map[string]*healthtest.Object{"namespace": active, "files-api": there, "deployment-api": oldAPI},
			want: want{
				Desired: []string{"files-api", "namespace", "deployment-api (paused)"},
				Paused:  map[string]string{"deployment-api": "waits for its files"},
			},
		},
		"StaleFilesOfOthers": {
			reason:   "the files of one service hold up no other",
			objects:  []expand.Object{files, namespace, service(cache)},
			observed: map[string]*healthtest.Object{"namespace": active, "files-api": there},
			want:     want{Desired: []string{"files-api", "namespace", "deployment-cache"}},
		},
		"Walls": {
			reason:   "data and routes come with the walls, pods after them",
			objects:  all,
			observed: map[string]*healthtest.Object{"namespace": active},
			want: want{
				Desired: []string{"database-db", "namespace", "policy-deny", "route-web"},
				Withheld: map[string]string{
					"cronjob-digest": "waits for the stack's quota, policies and files",
					"deployment-api": "waits for the stack's quota, policies and files",
					"job-migrate-a1": "waits for the stack's quota, policies and files",
					"job-smoke-a1":   "waits for the stack's quota, policies and files",
				},
			},
		},
		"Data": {
			reason:   "a pod that refers to a database waits for it the first time",
			objects:  []expand.Object{branch, migration, namespace, wall},
			observed: map[string]*healthtest.Object{"namespace": active, "policy-deny": there, "database-db": branchNo},
			want: want{
				Desired:  []string{"database-db", "namespace", "policy-deny"},
				Withheld: map[string]string{"job-migrate-a1": "waits for database db"},
			},
		},
		"DataLostLater": {
			reason:   "what runs is not taken away because its database became unready",
			objects:  []expand.Object{branch, service(api), namespace, wall},
			observed: map[string]*healthtest.Object{"namespace": active, "policy-deny": there, "database-db": branchNo, "deployment-api": newAPI},
			want:     want{Desired: []string{"database-db", "deployment-api", "namespace", "policy-deny"}},
		},
		"PreJob": {
			reason:   "services, schedules and PostDeploy jobs wait for the migration",
			objects:  all,
			observed: map[string]*healthtest.Object{"namespace": active, "policy-deny": there, "database-db": branchOK, "route-web": there, "job-migrate-a1": running},
			want: want{
				Desired: []string{"database-db", "job-migrate-a1", "namespace", "policy-deny", "route-web"},
				Withheld: map[string]string{
					"cronjob-digest": "waits for job migrate", "deployment-api": "waits for job migrate", "job-smoke-a1": "waits for job migrate",
				},
			},
		},
		"PreJobFailed": {
			reason:   "what waits for a failed job says so",
			objects:  []expand.Object{service(api), migration, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "job-migrate-a1": broken},
			want: want{
				Desired:  []string{"job-migrate-a1", "namespace"},
				Withheld: map[string]string{"deployment-api": "waits for job migrate, which failed"},
			},
		},
		"BeforeJobs": {
			reason:   "what the migration needs itself cannot wait for it",
			objects:  []expand.Object{beforeJobs(service(cache)), after(migration, cache), namespace},
			observed: map[string]*healthtest.Object{"namespace": active},
			want: want{
				Desired:  []string{"deployment-cache", "namespace"},
				Withheld: map[string]string{"job-migrate-a1": "waits for service cache"},
			},
		},
		"Push": {
			reason:   "the new template is stored, and the old pods keep serving",
			objects:  []expand.Object{service(api), migration, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "deployment-api": oldAPI, "job-migrate-a1": running},
			want: want{
				Desired: []string{"deployment-api (paused)", "job-migrate-a1", "namespace"},
				Paused:  map[string]string{"deployment-api": "waits for job migrate"},
			},
		},
		"PushThrough": {
			reason:   "the migration is through: the new template rolls out",
			objects:  []expand.Object{service(api), migration, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "deployment-api": oldAPI, "job-migrate-a1": complete},
			want:     want{Desired: []string{"deployment-api", "job-migrate-a1", "namespace"}},
		},
		"PushOfOthers": {
			reason:   "a push that leaves this service's image alone does not touch it",
			objects:  []expand.Object{service(api), migration, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "deployment-api": newAPI, "job-migrate-a1": running},
			want:     want{Desired: []string{"deployment-api", "job-migrate-a1", "namespace"}},
		},
		"PushToAnotherCluster": {
			reason:   "a Deployment within an Object is paused by the same rule",
			objects:  []expand.Object{service(api), migration, namespace},
			observed: map[string]*healthtest.Object{"namespace": wrapped(t, active), "deployment-api": wrapped(t, oldAPI), "job-migrate-a1": wrapped(t, running)},
			want: want{
				Desired: []string{"deployment-api (paused)", "job-migrate-a1", "namespace"},
				Paused:  map[string]string{"deployment-api": "waits for job migrate"},
			},
		},
		"PostJobOfNewRevision": {
			reason:   "a service that is ready in its old revision is not what the job wants to see",
			objects:  []expand.Object{service(api), test, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "deployment-api": oldAPI},
			want: want{
				Desired:  []string{"deployment-api", "namespace"},
				Withheld: map[string]string{"job-smoke-a1": "waits for service api"},
			},
		},
		"PostJob": {
			reason:   "all services are ready in the new revision",
			objects:  []expand.Object{service(api), test, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "deployment-api": newAPI},
			want:     want{Desired: []string{"deployment-api", "job-smoke-a1", "namespace"}},
		},
		"MissingKind": {
			reason:   "an apply of a kind that is not there would abort all others; what needs it waits",
			objects:  []expand.Object{branch, service(api), namespace},
			observed: map[string]*healthtest.Object{"namespace": active},
			absent:   branchCRD,
			want: want{
				Desired: []string{"namespace"},
				Withheld: map[string]string{
					"database-db":    "needs databasebranches.database.microstaging.dev, which the cluster does not have",
					"deployment-api": "waits for database db",
				},
				Missing: []string{branchCRD},
			},
		},
		"MissingWall": {
			reason:   "a policy that only opens, and that the cluster cannot have, keeps no pod from running",
			objects:  []expand.Object{service(cache), namespace, wall, exotic},
			observed: map[string]*healthtest.Object{"namespace": active, "policy-deny": there},
			absent:   "ciliumnetworkpolicies.cilium.io",
			want: want{
				Desired:  []string{"deployment-cache", "namespace", "policy-deny"},
				Withheld: map[string]string{"policy-hosts": "needs ciliumnetworkpolicies.cilium.io, which the cluster does not have"},
				Missing:  []string{"ciliumnetworkpolicies.cilium.io"},
			},
		},
		"ObservedKindVanished": {
			reason:   "what exists stays wanted even while its kind seems to be away",
			objects:  []expand.Object{branch, namespace},
			observed: map[string]*healthtest.Object{"namespace": active, "database-db": branchOK},
			absent:   branchCRD,
			want:     want{Desired: []string{"database-db", "namespace"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := encode(t, tc.objects)
			d := gate.Decide(usesDB, tc.objects, gate.World{
				Observed: func(key string) (health.Observed, bool) {
					o, ok := tc.observed[key]
					return o, ok
				},
				HasKind: func(crd string) bool { return crd != tc.absent },
			})
			got := want{Desired: describe(d.Desired), Withheld: details(d.Withheld), Paused: details(d.Paused), Missing: d.Missing}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: Decide(): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, encode(t, tc.objects)); diff != "" {
				t.Errorf("Decide() changed the objects it was given: -before, +after:\n%s", diff)
			}
		})
	}
}

func describe(objects []expand.Object) []string {
	var out []string
	for _, o := range objects {
		text := o.Key
		if d, ok := o.Object.(*appsv1.Deployment); ok && d.Spec.Paused {
			text += " (paused)"
		}
		out = append(out, text)
	}
	return out
}

func details(list []gate.Withheld) map[string]string {
	out := map[string]string{}
	for _, w := range list {
		out[w.Key] = w.Detail
	}
	return out
}

func encode(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
