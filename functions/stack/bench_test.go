// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/microstaging/preview-stacks/test/bench"
)

// perService is how many objects an exposed service leads to: Deployment,
// Service, network policy and route. Some ten more belong to the whole stack.
const perService = 4

// BenchmarkGoals holds the function against the project's goals for speed.
func BenchmarkGoals(b *testing.B) {
	bench.Goals(b, bench.Subject{Function: &Function{log: logging.NewNopLogger(), now: time.Now}, Request: benchRequest})
}

// benchRequest is a claim of exposed services, with a class and all kinds.
// Larger stacks than the API admits are made of it too, to see growth.
func benchRequest(resources int) *fnv1.RunFunctionRequest {
	services := map[string]any{}
	for i := range (resources - 8) / perService {
		services[fmt.Sprintf("service-%02d", i)] = map[string]any{
			"image":       "r.example.com/shop/service:${source.shortRevision}",
			"env":         map[string]any{"A": "a", "URL": "${services.service-00.url}"},
			"ports":       map[string]any{"http": map[string]any{"port": 8080}},
			"healthcheck": map[string]any{"http": map[string]any{"path": "/healthz"}},
			"expose":      map[string]any{},
		}
	}
	composite := object("XPreviewStack", "shop-pr-402-00000", map[string]any{
		"claimRef": map[string]any{"namespace": "team-shop", "name": "shop-pr-402"},
		"source":   map[string]any{"repository": "acme/shop", "revision": "9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5"},
		"services": services,
	})
	class := object("PreviewClass", "standard", map[string]any{
		"domain":  "preview.example.com",
		"gateway": map[string]any{"kind": "HTTPRoute", "parentRef": map[string]any{"namespace": "gateway-system", "name": "preview"}},
		"auth":    map[string]any{"mode": "None"},
		"limits":  map[string]any{"cpu": "100", "memory": "100Gi", "pods": 200},
	})
	// The definition of a kind that is in use is not asked for: only the first
	// calls carry this one.
	routes := object("CustomResourceDefinition", "httproutes.gateway.networking.k8s.io", map[string]any{})
	return &fnv1.RunFunctionRequest{
		Meta:     &fnv1.RequestMeta{Tag: "t"},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: composite}},
		RequiredResources: map[string]*fnv1.Resources{
			"class": {Items: []*fnv1.Resource{{Resource: class}}},
			"crd/httproutes.gateway.networking.k8s.io": {Items: []*fnv1.Resource{{Resource: routes}}},
			"pods": {},
		},
	}
}

func object(kind, name string, spec map[string]any) *structpb.Struct {
	text, err := json.Marshal(map[string]any{
		"apiVersion": "microstaging.dev/v1alpha1", "kind": kind,
		"metadata": map[string]any{"name": name, "uid": "u", "creationTimestamp": "2026-03-04T05:06:00Z"}, "spec": spec,
	})
	if err != nil {
		panic(err)
	}
	s := &structpb.Struct{}
	if err := s.UnmarshalJSON(text); err != nil {
		panic(err)
	}
	return s
}
