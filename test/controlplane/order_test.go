// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"strconv"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/internal/names"
)

// TestOrder: nothing is created before what it depends on is ready, and no pod
// before the walls stand.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	seen := record(t, names.Identity{ClaimNamespace: s.namespace, ClaimName: "shop"}.Namespace(),
		&appsv1.DeploymentList{}, &batchv1.JobList{}, &corev1.PodList{}, &networkingv1.NetworkPolicyList{},
		&corev1.ResourceQuotaList{}, &corev1.LimitRangeList{})
	s.claim("shop", `
services:
  cache: {image: "registry.example.com/cache:1", ports: {redis: {port: 6379, protocol: TCP}}}
  api: {image: "registry.example.com/api:1", ports: {http: {port: 8080}}}
  front: {image: "registry.example.com/front:1", dependsOn: {api: {condition: Ready}}}
  last: {image: "registry.example.com/last:1", dependsOn: {front: {condition: Ready}}}
jobs:
  migrate: {phase: PreDeploy, run: Once, image: "registry.example.com/migrate:1", dependsOn: {cache: {condition: Ready}}}
  seed: {phase: PreDeploy, run: Once, image: "registry.example.com/seed:1", dependsOn: {migrate: {condition: Completed}}}
  smoke: {phase: PostDeploy, run: Once, image: "registry.example.com/smoke:1"}
`).awaitReady()

	chain := []string{"Deployment/cache", "Job/migrate", "Job/seed", "Deployment/api", "Deployment/front", "Deployment/last", "Job/smoke"}
	for i, later := range chain[1:] {
		seen.before(t, "ready "+chain[i], "created "+later)
	}
	for _, wall := range []string{"NetworkPolicy/deny", "NetworkPolicy/dns", "NetworkPolicy/internal", "ResourceQuota/stack", "LimitRange/stack"} {
		seen.before(t, "created "+wall, "created first Pod")
	}
}

// A recording holds when things first happened, by their names: "created
// Job/seed". Time is etcd's revision, which never stands still as a second does.
type recording struct {
	mu    sync.Mutex
	first map[string]int64
}

// record watches lists of objects of a namespace until the test ends.
func record(t *testing.T, namespace string, lists ...client.ObjectList) *recording {
	t.Helper()
	r := &recording{first: map[string]int64{}}
	for _, list := range lists {
		watcher, err := shared.Watch(t.Context(), list, client.InNamespace(namespace))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(watcher.Stop)
		go func() {
			for event := range watcher.ResultChan() {
				r.note(event)
			}
		}()
	}
	return r
}

func (r *recording) note(event watch.Event) {
	object, ok := event.Object.(client.Object)
	if !ok {
		return
	}
	kinds, _, err := shared.Scheme().ObjectKinds(object)
	if err != nil {
		return
	}
	name := kinds[0].Kind + "/" + object.GetName()
	if _, isPod := object.(*corev1.Pod); isPod {
		name = "first Pod"
	}
	revision, err := strconv.ParseInt(object.GetResourceVersion(), 10, 64)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if event.Type == watch.Added {
		r.happened("created "+name, revision)
	}
	if done(object) {
		r.happened("ready "+name, revision)
	}
	if d, ok := object.(*appsv1.Deployment); ok {
		r.happened(asked(d)+" "+name, revision)
		if *d.Spec.Replicas == 0 && d.Status.Replicas == 0 && d.Status.ObservedGeneration == d.Generation {
			r.happened("stopped "+name, revision)
		}
	}
}

// asked is what is wanted of a Deployment.
func asked(d *appsv1.Deployment) string {
	if *d.Spec.Replicas == 0 {
		return "stopping"
	}
	return "starting"
}

func (r *recording) happened(what string, revision int64) {
	if _, before := r.first[what]; !before {
		r.first[what] = revision
	}
}

// done tells whether a workload is up, or a job is through.
func done(object client.Object) bool {
	switch o := object.(type) {
	case *appsv1.Deployment:
		return o.Status.AvailableReplicas > 0 && o.Status.AvailableReplicas == *o.Spec.Replicas
	case *batchv1.Job:
		return o.Status.Succeeded > 0 && o.Status.CompletionTime != nil
	}
	return false
}

// before checks that one thing happened before another.
func (r *recording) before(t *testing.T, earlier, later string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.first[earlier]
	b, alsoOK := r.first[later]
	switch {
	case !ok || !alsoOK:
		t.Errorf("want to see %q and then %q, saw %v", earlier, later, r.first)
	case a > b:
		t.Errorf("%s (at %d) must come after %s (at %d)", later, b, earlier, a)
	}
}
