// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

// A fakeCrossplane calls the function as Crossplane would, with the objects of
// one example's folder to answer requirements from. It applies nothing: what
// is desired is observed in the next call, healthy. The control-plane suite
// runs the same examples through the real one.
type fakeCrossplane struct {
	t       *testing.T
	cluster []*unstructured.Unstructured
	kinds   bool   // the cluster has every optional kind
	lacks   string // but for those of this API group
	req     *fnv1.RunFunctionRequest
	age     time.Duration // of the composite
}

// createdAt is when every composite was made.
var createdAt = time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)

func newFakeCrossplane(t *testing.T, folder string) *fakeCrossplane {
	t.Helper()
	f := &fakeCrossplane{t: t, kinds: true, age: time.Hour}
	files, err := filepath.Glob(filepath.Join("../../examples", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no example in %s: %v", folder, err)
	}
	for _, file := range files {
		f.cluster = append(f.cluster, readObjects(t, file)...)
	}
	claim := f.find("PreviewStack")
	f.req = &fnv1.RunFunctionRequest{Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: composite(t, claim)}}}
	return f
}

// composite is what Crossplane makes of a claim.
func composite(t *testing.T, claim *unstructured.Unstructured) *structpb.Struct {
	t.Helper()
	spec, _, _ := unstructured.NestedMap(claim.Object, "spec")
	spec["claimRef"] = map[string]any{
		"apiVersion": claim.GetAPIVersion(), "kind": claim.GetKind(),
		"namespace": claim.GetNamespace(), "name": claim.GetName(),
	}
	return toStruct(t, map[string]any{
		"apiVersion": claim.GetAPIVersion(),
		"kind":       "XPreviewStack",
		"metadata": map[string]any{
			"name":              claim.GetName() + "-x7k2p",
			"uid":               "5a7a2f1e-0000-4000-8000-000000000001",
			"creationTimestamp": createdAt.Format(time.RFC3339),
		},
		"spec": spec,
	})
}

// find gives the only object of a kind.
func (f *fakeCrossplane) find(kind string) *unstructured.Unstructured {
	f.t.Helper()
	i := slices.IndexFunc(f.cluster, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind })
	if i < 0 {
		f.t.Fatalf("the example has no %s", kind)
	}
	return f.cluster[i]
}

// remove takes all objects of a kind out of the cluster.
func (f *fakeCrossplane) remove(kind string) []*unstructured.Unstructured {
	var removed []*unstructured.Unstructured
	f.cluster = slices.DeleteFunc(f.cluster, func(o *unstructured.Unstructured) bool {
		if o.GetKind() == kind {
			removed = append(removed, o)
		}
		return o.GetKind() == kind
	})
	return removed
}

// maxRounds is Crossplane's: a function whose requirements still change after
// so many calls has failed.
const maxRounds = 5

// call runs the function until its requirements are stable.
func (f *fakeCrossplane) call() *fnv1.RunFunctionResponse {
	f.t.Helper()
	fn := &Function{log: logging.NewNopLogger(), now: func() time.Time { return createdAt.Add(f.age) }}
	var before *fnv1.Requirements
	for range maxRounds {
		rsp, err := fn.RunFunction(context.Background(), f.req)
		if err != nil {
			f.t.Fatalf("RunFunction(): %v", err)
		}
		if proto.Equal(before, rsp.GetRequirements()) {
			return rsp
		}
		before = rsp.GetRequirements()
		f.req.RequiredResources = map[string]*fnv1.Resources{}
		for name, s := range rsp.GetRequirements().GetResources() {
			f.req.RequiredResources[name] = f.answer(s)
		}
	}
	f.t.Fatalf("the requirements did not settle within %d calls", maxRounds)
	return nil
}

func (f *fakeCrossplane) answer(s *fnv1.ResourceSelector) *fnv1.Resources {
	found := &fnv1.Resources{}
	lacks := f.lacks != "" && strings.HasSuffix(s.GetMatchName(), f.lacks)
	if f.kinds && !lacks && s.GetKind() == "CustomResourceDefinition" {
		found.Items = append(found.Items, &fnv1.Resource{Resource: toStruct(f.t, map[string]any{
			"apiVersion": s.GetApiVersion(), "kind": s.GetKind(), "metadata": map[string]any{"name": s.GetMatchName()},
		})})
	}
	for _, o := range f.cluster {
		if o.GetKind() == s.GetKind() && o.GetAPIVersion() == s.GetApiVersion() && o.GetNamespace() == s.GetNamespace() && selected(o, s) {
			found.Items = append(found.Items, &fnv1.Resource{Resource: toStruct(f.t, o.Object)})
		}
	}
	return found
}

func selected(o *unstructured.Unstructured, s *fnv1.ResourceSelector) bool {
	if s.GetMatchName() != "" {
		return o.GetName() == s.GetMatchName()
	}
	for k, v := range s.GetMatchLabels().GetLabels() {
		if o.GetLabels()[k] != v {
			return false
		}
	}
	return true
}

// maxCalls bounds how long a stack may take to settle.
const maxCalls = 20

// settle applies and calls until nothing changes, and gives the last answer.
func (f *fakeCrossplane) settle() *fnv1.RunFunctionResponse {
	f.t.Helper()
	var before *fnv1.RunFunctionResponse
	for range maxCalls {
		rsp := f.call()
		if before != nil && proto.Equal(before.GetDesired(), rsp.GetDesired()) {
			return rsp
		}
		before = rsp
		f.req = wiretest.Next(f.req, rsp)
	}
	f.t.Fatalf("the stack did not settle within %d calls", maxCalls)
	return nil
}

func toStruct(t *testing.T, m map[string]any) *structpb.Struct {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	s := &structpb.Struct{}
	if err := s.UnmarshalJSON(b); err != nil {
		t.Fatal(err)
	}
	return s
}

func readObjects(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var objects []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(b), 4096)
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(o)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(o.Object) > 0 {
			objects = append(objects, o)
		}
	}
}
