// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package emit_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/emit"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/expand/expandtest"
)

var remote = v1alpha1.Target{
	Mode: v1alpha1.TargetObjects, ProviderConfigRef: &v1alpha1.NameReference{Name: "preview-cluster"},
}

func TestDirectLeavesObjectsAsTheyAre(t *testing.T) {
	s := expandtest.Full()
	for _, o := range expand.Expand(s, nil) {
		if diff := cmp.Diff(o, emit.Emit(o, s.Identity, v1alpha1.Target{Mode: v1alpha1.TargetDirect})); diff != "" {
			t.Errorf("%s: Emit(): -want, +got:\n%s", o.Key, diff)
		}
	}
}

func TestObjectsWrapsAllButOurOwn(t *testing.T) {
	for name, s := range expandtest.Stacks() {
		seen := map[string]bool{}
		for _, o := range expand.Expand(s, nil) {
			out := emit.Emit(o, s.Identity, remote)
			kind := o.Object.GetObjectKind().GroupVersionKind().Kind
			if kind == "DatabaseBranch" || kind == "StackSecret" || kind == "SleepSwitch" {
				if diff := cmp.Diff(o, out); diff != "" {
					t.Errorf("%s: %s is served in Crossplane's cluster: -want, +got:\n%s", name, o.Key, diff)
				}
				continue
			}
			wrapped, ok := out.Object.(*emit.Object)
			if !ok {
				t.Errorf("%s: %s is not wrapped", name, o.Key)
				continue
			}
			if seen[wrapped.GetName()] || !strings.HasPrefix(wrapped.GetName(), s.Namespace) || wrapped.GetNamespace() != "" {
				t.Errorf("%s: the name %q is taken, or does not carry the stack", name, wrapped.GetName())
			}
			seen[wrapped.GetName()] = true
			if out.NeedsCRD != "objects.kubernetes.crossplane.io" || out.Key != o.Key || out.Role != o.Role {
				t.Errorf("%s: %s lost what places it: %+v", name, o.Key, out)
			}
		}
	}
}

// TestManifestIsWhatDirectApplies: both ways bring the same object, so that no
// field is owned in one and not in the other.
func TestManifestIsWhatDirectApplies(t *testing.T) {
	s := expandtest.Full()
	for _, o := range expand.Expand(s, nil) {
		out, ok := emit.Emit(o, s.Identity, remote).Object.(*emit.Object)
		if !ok {
			continue
		}
		direct, err := desired.Encode(o.Object, schema.GroupVersionKind{})
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := desired.Encode(out, schema.GroupVersionKind{})
		if err != nil {
			t.Fatal(err)
		}
		spec := wrapped.GetFields()["spec"].GetStructValue()
		manifest := spec.GetFields()["forProvider"].GetStructValue().GetFields()["manifest"].GetStructValue()
		if diff := cmp.Diff(direct.AsMap(), manifest.AsMap()); diff != "" {
			t.Errorf("%s: -direct, +manifest:\n%s", o.Key, diff)
		}
		if diff := cmp.Diff(map[string]any{"name": "preview-cluster"}, spec.GetFields()["providerConfigRef"].GetStructValue().AsMap()); diff != "" {
			t.Errorf("%s: providerConfigRef: -want, +got:\n%s", o.Key, diff)
		}
	}
}

// TestReadiness runs the queries as provider-kubernetes does, on what clusters
// report.
func TestReadiness(t *testing.T) {
	cases := map[string]struct {
		reason, key, observed string
		want                  bool
	}{
		"NamespaceActive":    {"it can be filled", "namespace", `{"status":{"phase":"Active"}}`, true},
		"NamespaceEnding":    {"it cannot be filled", "namespace", `{"status":{"phase":"Terminating"}}`, false},
		"DeploymentReady":    {"all pods are new and available", "deployment-web", `{"metadata":{"generation":3},"spec":{"replicas":2},"status":{"observedGeneration":3,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}`, true},
		"DeploymentNotSeen":  {"its controller has not seen the change", "deployment-web", `{"metadata":{"generation":4},"spec":{"replicas":2},"status":{"observedGeneration":3,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}`, false},
		"DeploymentRolling":  {"an old pod is left", "deployment-web", `{"metadata":{"generation":3},"spec":{"replicas":2},"status":{"observedGeneration":3,"replicas":3,"updatedReplicas":2,"availableReplicas":3}}`, false},
		"DeploymentNoStatus": {"nothing is known yet", "deployment-web", `{"metadata":{"generation":1},"spec":{"replicas":2},"status":{}}`, false},
		"DeploymentOfNone":   {"nobody asked for pods", "deployment-web", `{"metadata":{"generation":1},"spec":{"replicas":0},"status":{"observedGeneration":1}}`, true},
		"JobComplete":        {"it has succeeded", "job-seed", `{"status":{"conditions":[{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}]}}`, true},
		"JobFailed":          {"it has not", "job-seed", `{"status":{"conditions":[{"type":"Failed","status":"True"}]}}`, false},
		"VolumeBound":        {"it can be mounted", "volume-uploads", `{"status":{"phase":"Bound"}}`, true},
		"VolumePending":      {"it cannot", "volume-uploads", `{"status":{"phase":"Pending"}}`, false},
		"RouteAccepted":      {"a gateway serves it", "route-web", `{"status":{"parents":[{"conditions":[{"type":"Accepted","status":"True"}]}]}}`, true},
		"RouteIgnored":       {"none does", "route-web", `{"status":{"parents":[]}}`, false},
		"SnapshotReady":      {"volumes can start from it", "snapshot-uploads", `{"status":{"readyToUse":true}}`, true},
		"SnapshotPending":    {"they cannot", "snapshot-uploads", `{"status":{"boundVolumeSnapshotContentName":"x"}}`, false},
		"ExternalSynced":     {"the Secret is there", "secret-stripe", `{"status":{"conditions":[{"type":"Ready","status":"True"}]}}`, true},
		"ExternalRefused":    {"it is not", "secret-stripe", `{"status":{"conditions":[{"type":"Ready","status":"False"}]}}`, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var observed any
			if err := json.Unmarshal([]byte(tc.observed), &observed); err != nil {
				t.Fatal(err)
			}
			got, _, err := program(t, query(t, tc.key)).Eval(map[string]any{"object": observed})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got.Value()); diff != "" {
				t.Errorf("%s: ready: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func query(t *testing.T, key string) string {
	t.Helper()
	s := expandtest.Full()
	for _, o := range expand.Expand(s, nil) {
		if o.Key == key {
			return emit.MakeObject(o, s.Identity, remote).Spec.Readiness.CelQuery
		}
	}
	t.Fatalf("the stack has no %s", key)
	return ""
}

func program(t *testing.T, query string) cel.Program {
	t.Helper()
	env, err := cel.NewEnv(cel.Variable("object", cel.AnyType))
	if err != nil {
		t.Fatal(err)
	}
	ast, issues := env.Compile(query)
	if issues.Err() != nil {
		t.Fatal(issues.Err())
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		t.Fatalf("provider-kubernetes refuses a query of type %s: %s", ast.OutputType(), query)
	}
	p, err := env.Program(ast)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
