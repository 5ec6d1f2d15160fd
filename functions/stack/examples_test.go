// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// examples are the folders of examples that have a golden answer, and why.
var examples = map[string]string{
	"minimal":      "what the smallest claim leads to: walls, one Deployment, one URL",
	"dependencies": "a third-party image as it is, and a worker without ports that waits for it",
	"miniflux":     "the everyday claim: blueprint, volume, migration, mock, URL",
	"sleep":        "a stack that a visitor wakes: routes through the interceptor, and the switch that it moves",
	"full":         "every field of the API",
}

// TestExamples holds the settled answer for each example against its golden.
func TestExamples(t *testing.T) {
	for name, reason := range examples {
		t.Run(name, func(t *testing.T) {
			golden := filepath.Join("testdata", name+".yaml")
			got := render(t, "# "+strings.ToUpper(reason[:1])+reason[1:]+".\n", newFakeCrossplane(t, name).settle())
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (go test ./functions/stack -update rewrites): -want, +got:\n%s", reason, diff)
			}
		})
	}
}

// render writes an answer as people read it: conditions and status, then every
// desired object under its key.
func render(t *testing.T, header string, rsp *fnv1.RunFunctionResponse) []byte {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(header)
	section := func(name string, v any) {
		b, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("--- # " + name + "\n")
		out.Write(b)
	}
	conditions := map[string]string{}
	for _, c := range rsp.GetConditions() {
		conditions[c.GetType()] = strings.TrimSpace(c.GetStatus().String() + " " + c.GetReason() + " " + c.GetMessage())
	}
	section("conditions", conditions)
	section("status", rsp.GetDesired().GetComposite().GetResource().AsMap()["status"])
	resources := rsp.GetDesired().GetResources()
	for _, key := range slices.Sorted(maps.Keys(resources)) {
		section(key+", "+resources[key].GetReady().String(), resources[key].GetResource().AsMap())
	}
	return out.Bytes()
}

// TestProperties holds what must be true of every answer.
func TestProperties(t *testing.T) {
	for name := range examples {
		t.Run(name, func(t *testing.T) {
			f := newFakeCrossplane(t, name)
			rsp := f.settle()
			if again := f.call(); !proto.Equal(rsp, again) {
				t.Error("the same input gave another answer")
			}
			first, err := proto.MarshalOptions{Deterministic: true}.Marshal(rsp)
			if err != nil {
				t.Fatal(err)
			}
			second, err := proto.MarshalOptions{Deterministic: true}.Marshal(f.call())
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, second) {
				t.Error("the same input gave other bytes")
			}
			if n := len(rsp.GetDesired().GetResources()); n >= 50 {
				t.Errorf("the example composes %d resources, want fewer than 50", n)
			}
			if got := rsp.GetDesired().GetComposite().GetReady(); got != fnv1.Ready_READY_TRUE {
				t.Errorf("the settled composite is %s", got)
			}
			insideNamespace(t, rsp)
		})
	}
}

// clusterScoped kinds may be composed; their names carry the stack.
var clusterScoped = map[string]bool{
	"Namespace": true, "VolumeSnapshotContent": true, "DatabaseBranch": true, "StackSecret": true, "Object": true,
}

func insideNamespace(t *testing.T, rsp *fnv1.RunFunctionResponse) {
	t.Helper()
	namespace := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"].GetStructValue().GetFields()["namespace"].GetStringValue()
	for key, r := range rsp.GetDesired().GetResources() {
		o := r.GetResource().GetFields()
		meta := o["metadata"].GetStructValue().GetFields()
		if clusterScoped[o["kind"].GetStringValue()] {
			if name := meta["name"].GetStringValue(); !strings.HasPrefix(name, namespace) {
				t.Errorf("%s is cluster-scoped and named %q, without the stack's %q", key, name, namespace)
			}
			continue
		}
		if got := meta["namespace"].GetStringValue(); got != namespace {
			t.Errorf("%s is in namespace %q, want %q", key, got, namespace)
		}
	}
}
