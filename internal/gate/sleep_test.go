// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/health/healthtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

var web = stack.Part{Kind: stack.PartService, Name: "web"}

// replicas are the pods that a Deployment is asked for and has.
func replicas(t *testing.T, part stack.Part, image string, asked, have int32) *healthtest.Object {
	t.Helper()
	var d appsv1.Deployment
	if err := rolledOut(t, part, image).Decode(&d); err != nil {
		t.Fatal(err)
	}
	d.Spec.Replicas = &asked
	d.Status = appsv1.DeploymentStatus{Replicas: have, UpdatedReplicas: have, AvailableReplicas: have}
	return healthtest.FromTyped(d)
}

// ending is a Deployment without pods but for one that is ending.
func ending(t *testing.T, part stack.Part) *healthtest.Object {
	t.Helper()
	var d appsv1.Deployment
	if err := replicas(t, part, "new", 0, 0).Decode(&d); err != nil {
		t.Fatal(err)
	}
	d.Status.TerminatingReplicas = ptr.To(int32(1))
	return healthtest.FromTyped(d)
}

// awake describes the Deployments and schedules that are wanted: web 1, digest
// suspended.
func awake(objects []expand.Object) string {
	var out []string
	for _, o := range objects {
		switch object := o.Object.(type) {
		case *appsv1.Deployment:
			text := o.Part.Name + " 1"
			if ptr.Deref(object.Spec.Replicas, 1) == 0 {
				text = o.Part.Name + " 0"
			}
			if object.Spec.Paused {
				text += " paused"
			}
			out = append(out, text)
		case *batchv1.CronJob:
			if ptr.Deref(object.Spec.Suspend, false) {
				out = append(out, o.Part.Name+" suspended")
			}
		}
	}
	return strings.Join(out, ", ")
}

func TestSleep(t *testing.T) {
	up := func(part stack.Part) *healthtest.Object { return replicas(t, part, "new", 1, 1) }
	down := func(part stack.Part) *healthtest.Object { return replicas(t, part, "new", 0, 0) }
	// web needs api; api needs cache, by its migration alone.
	chain := []expand.Object{
		namespace, after(service(api), migrate), beforeJobs(service(cache)), after(service(web), api), after(migration, cache),
	}
	type world = map[string]*healthtest.Object
	observed := func(web, api, cache *healthtest.Object) world {
		return world{"namespace": active, "job-migrate-a1": complete, "deployment-web": web, "deployment-api": api, "deployment-cache": cache}
	}
	type want struct {
		Awake    string
		Stopped  bool
		Waking   map[string]string
		Withheld map[string]string
	}
	cases := map[string]struct {
		reason   string
		objects  []expand.Object
		observed world
		asleep   bool
		want     want
	}{
		"Awake": {
			reason:  "nothing is stopped that nobody sent to sleep",
			objects: chain, observed: observed(up(web), up(api), up(cache)),
			want: want{Awake: "api 1, cache 1, web 1"},
		},
		"First": {
			reason:  "whoever has no clients goes first",
			objects: chain, observed: observed(up(web), up(api), up(cache)), asleep: true,
			want: want{Awake: "api 1, cache 1, web 0"},
		},
		"Ending": {
			reason:  "a pod that is ending still finishes what it does, with what it needs",
			objects: chain, observed: observed(ending(t, web), up(api), up(cache)), asleep: true,
			want: want{Awake: "api 1, cache 1, web 0"},
		},
		"Second": {
			reason:  "its client has stopped",
			objects: chain, observed: observed(down(web), up(api), up(cache)), asleep: true,
			want: want{Awake: "api 0, cache 1, web 0"},
		},
		"Last": {
			reason:  "what the jobs need goes last, whoever says that he needs it",
			objects: chain, observed: observed(down(web), down(api), up(cache)), asleep: true,
			want: want{Awake: "api 0, cache 0, web 0"},
		},
		"Asleep": {
			reason:  "all have stopped",
			objects: chain, observed: observed(down(web), down(api), down(cache)), asleep: true,
			want: want{Awake: "api 0, cache 0, web 0", Stopped: true},
		},
		"Broken": {
			reason:  "a service without ready pods is stopped like the others",
			objects: chain, observed: observed(replicas(t, web, "new", 1, 0), down(api), down(cache)), asleep: true,
			want: want{Awake: "api 0, cache 0, web 0"},
		},
		"Wakes": {
			reason:  "what the others need comes first, also what they need by a job that does not run again",
			objects: chain, observed: observed(down(web), down(api), down(cache)),
			want: want{
				Awake:  "api 0, cache 1, web 0",
				Waking: map[string]string{"deployment-api": "waits for service cache", "deployment-web": "waits for service api"},
			},
		},
		"WakesOn": {
			reason:  "a pod that is asked for and not ready is waited for",
			objects: chain, observed: observed(down(web), replicas(t, api, "new", 1, 0), up(cache)),
			want: want{Awake: "api 1, cache 1, web 0", Waking: map[string]string{"deployment-web": "waits for service api"}},
		},
		"WakesLast": {
			reason:  "all that it needs is ready",
			objects: chain, observed: observed(down(web), up(api), up(cache)),
			want: want{Awake: "api 1, cache 1, web 1"},
		},
		"WakesAtOnce": {
			reason:   "what needs nothing waits for nothing",
			objects:  []expand.Object{namespace, service(api), service(web)},
			observed: world{"namespace": active, "deployment-api": down(api), "deployment-web": down(web)},
			want:     want{Awake: "api 1, web 1"},
		},
		"DependencyLostLater": {
			reason:  "what is awake is not sent to sleep by a service that fails",
			objects: chain, observed: observed(up(web), up(api), replicas(t, cache, "new", 1, 0)),
			want: want{Awake: "api 1, cache 1, web 1"},
		},
		"Turned": {
			reason:  "on its way to sleep it is woken",
			objects: chain, observed: observed(down(web), replicas(t, api, "new", 0, 1), up(cache)),
			want: want{Awake: "api 1, cache 1, web 0", Waking: map[string]string{"deployment-web": "waits for service api"}},
		},
		"TurnedBack": {
			reason:  "on its way up it is sent to sleep: nothing more is started",
			objects: chain, observed: observed(down(web), down(api), replicas(t, cache, "new", 1, 0)), asleep: true,
			want: want{Awake: "api 0, cache 0, web 0"},
		},
		"Schedule": {
			reason:   "a schedule starts no jobs",
			objects:  []expand.Object{namespace, schedule},
			observed: world{"namespace": active, "cronjob-digest": healthtest.FromYAML(`{apiVersion: batch/v1, kind: CronJob}`)},
			asleep:   true,
			want:     want{Awake: "digest suspended", Stopped: true},
		},
		"New": {
			reason:   "what runs pods is not made while the stack is asleep",
			objects:  []expand.Object{namespace, wall, service(api), migration, schedule, test},
			observed: world{"namespace": active},
			asleep:   true,
			want: want{Stopped: true, Withheld: map[string]string{
				"deployment-api": "waits for the stack to wake", "job-migrate-a1": "waits for the stack to wake",
				"job-smoke-a1": "waits for the stack to wake", "cronjob-digest": "waits for the stack to wake",
			}},
		},
		"Push": {
			reason:   "its pods wake in the old revision until the jobs of the new one are through",
			objects:  []expand.Object{namespace, service(api), migration},
			observed: world{"namespace": active, "deployment-api": replicas(t, api, "old", 0, 0), "job-migrate-a1": running},
			want:     want{Awake: "api 1 paused"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := gate.Decide(&stack.Stack{}, tc.objects, gate.World{
				Observed: func(key string) (health.Observed, bool) {
					o, ok := tc.observed[key]
					return o, ok
				},
				HasKind: func(string) bool { return true },
				Asleep:  tc.asleep,
			})
			got := want{Awake: awake(d.Desired), Stopped: d.Stopped, Waking: details(d.Waking), Withheld: details(d.Withheld)}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: Decide(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestSleepKeepsTemplates: a stack that wakes must not roll out.
func TestSleepKeepsTemplates(t *testing.T) {
	objects := []expand.Object{namespace, service(api), schedule}
	decide := func(asleep bool, api *healthtest.Object) gate.Decision {
		return gate.Decide(&stack.Stack{}, objects, gate.World{
			Asleep: asleep, HasKind: func(string) bool { return true },
			Observed: func(key string) (health.Observed, bool) {
				return map[string]*healthtest.Object{"namespace": active, "deployment-api": api, "cronjob-digest": there}[key], true
			},
		})
	}
	day, night := decide(false, replicas(t, api, "new", 1, 1)), decide(true, replicas(t, api, "new", 1, 1))
	for i, o := range day.Desired {
		if d, ok := o.Object.(*appsv1.Deployment); ok {
			other := night.Desired[i].Object.(*appsv1.Deployment)
			if diff := cmp.Diff(d.Spec.Template, other.Spec.Template); diff != "" {
				t.Errorf("sleeping changes a template: -awake, +asleep:\n%s", diff)
			}
			if diff := cmp.Diff(d.ObjectMeta, other.ObjectMeta); diff != "" {
				t.Errorf("sleeping changes metadata: -awake, +asleep:\n%s", diff)
			}
		}
	}
}

func TestSettled(t *testing.T) {
	cases := map[string]struct {
		reason   string
		observed map[string]*healthtest.Object
		want     bool
	}{
		"NotMade": {"a job of the revision is still to come", map[string]*healthtest.Object{"job-migrate-a1": complete}, false},
		"Running": {"its services must not go under it", map[string]*healthtest.Object{"job-migrate-a1": complete, "job-smoke-a1": running}, false},
		"Through": {"all are through", map[string]*healthtest.Object{"job-migrate-a1": complete, "job-smoke-a1": complete}, true},
		"Failed":  {"time does not help", map[string]*healthtest.Object{"job-migrate-a1": complete, "job-smoke-a1": broken}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := gate.Settled([]expand.Object{namespace, service(api), migration, test}, gate.World{
				Observed: func(key string) (health.Observed, bool) {
					o, ok := tc.observed[key]
					return o, ok
				},
			})
			if got != tc.want {
				t.Errorf("%s: Settled() = %t, want %t", tc.reason, got, tc.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	direct := expand.Object{Key: "route-web", Role: expand.RoleRoute, Way: expand.WayDirect}
	person := expand.Object{Key: "intercept-web", Role: expand.RoleRoute, Way: expand.WayIntercepted}
	robot := expand.Object{Key: "intercept-web.robot", Role: expand.RoleRoute, Way: expand.WayIntercepted}
	lever := expand.Object{Key: "sleep-switch", Role: expand.RoleSwitch, Way: expand.WayIntercepted}
	objects := []expand.Object{namespace, direct, person, robot, lever}
	accepted := healthtest.FromYAML(`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute}`)
	seen := healthtest.FromYAML(`{apiVersion: http.keda.sh/v1beta1, kind: InterceptorRoute, status: {conditions: [{type: Ready, status: "True"}]}}`)
	unseen := healthtest.FromYAML(`{apiVersion: http.keda.sh/v1beta1, kind: InterceptorRoute}`)
	rejected := healthtest.FromYAML(`{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, spec: {parentRefs: [{name: preview}]}}`)

	type world = map[string]*healthtest.Object
	cases := map[string]struct {
		reason   string
		way      expand.Way
		observed world
		want     []string
	}{
		"NewDirect":      {"a new stack is made one way", expand.WayDirect, nil, []string{"namespace", "route-web"}},
		"NewIntercepted": {"a new stack is made one way", expand.WayIntercepted, nil, []string{"namespace", "intercept-web", "intercept-web.robot", "sleep-switch"}},
		"Gains": {
			"the interceptor has not seen all of its routes: the old one serves", expand.WayIntercepted,
			world{"route-web": accepted, "intercept-web": seen, "intercept-web.robot": unseen},
			[]string{"namespace", "route-web", "intercept-web", "intercept-web.robot", "sleep-switch"},
		},
		"Gained": {
			"it has", expand.WayIntercepted, world{"route-web": accepted, "intercept-web": seen, "intercept-web.robot": seen},
			[]string{"namespace", "intercept-web", "intercept-web.robot", "sleep-switch"},
		},
		"Loses": {
			"the gateway has not accepted the new route: the old ones serve, and what counts their requests stays", expand.WayDirect,
			world{"route-web": rejected, "intercept-web": seen, "intercept-web.robot": seen, "sleep-switch": there},
			[]string{"namespace", "route-web", "intercept-web", "intercept-web.robot", "sleep-switch"},
		},
		"Lost": {
			"it has", expand.WayDirect, world{"route-web": accepted, "intercept-web": seen, "intercept-web.robot": seen, "sleep-switch": there},
			[]string{"namespace", "route-web"},
		},
		"LosesHalf": {
			"of the old way, nothing is made again", expand.WayDirect, world{"intercept-web": seen},
			[]string{"namespace", "route-web", "intercept-web"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := gate.Choose(objects, tc.way, gate.World{Observed: func(key string) (health.Observed, bool) {
				o, ok := tc.observed[key]
				return o, ok
			}})
			if diff := cmp.Diff(tc.want, describe(got)); diff != "" {
				t.Errorf("%s: Choose(): -want, +got:\n%s", tc.reason, diff)
			}
			if len(objects) != 5 || objects[1].Key != "route-web" {
				t.Error("Choose() changed the objects it was given")
			}
		})
	}
}

// TestSwitchComesLast: KEDA gives up for a while on one that finds something
// missing.
func TestSwitchComesLast(t *testing.T) {
	lever := expand.Object{Key: "sleep-switch", Part: whole, Role: expand.RoleSwitch, Way: expand.WayIntercepted, Object: &batchv1.Job{}}
	way := route
	way.Way = expand.WayIntercepted
	decide := func(keys ...string) string {
		d := gate.Decide(&stack.Stack{}, []expand.Object{namespace, way, lever}, gate.World{
			HasKind: func(string) bool { return true },
			Observed: func(key string) (health.Observed, bool) {
				for _, k := range keys {
					if k == key {
						return active, true
					}
				}
				return nil, false
			},
		})
		return strings.Join(describe(d.Desired), " ")
	}
	if diff := cmp.Diff("namespace route-web", decide("namespace")); diff != "" {
		t.Errorf("without its routes: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff("namespace route-web sleep-switch", decide("namespace", "route-web")); diff != "" {
		t.Errorf("with all: -want, +got:\n%s", diff)
	}
}
