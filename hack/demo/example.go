// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// fieldOwner is who owns the fields that are applied here.
const fieldOwner = "preview-stacks-demo"

// An Example is one of the stories below examples, fit for a place.
type Example struct {
	// Platform is what a platform team applies: class, blueprint, ConfigMaps.
	Platform []*unstructured.Unstructured

	// Claim is what a pull request produces.
	Claim *unstructured.Unstructured
}

// Example reads one of the examples. Only what a cluster may differ in is
// changed: the class's gateway and domain, and where own images are.
func (p *Place) Example(name string) (Example, error) {
	root, err := build.Root()
	if err != nil {
		return Example{}, err
	}
	objects, err := controlplane.ReadManifests(filepath.Join(root, "examples", name))
	if err != nil {
		return Example{}, fmt.Errorf("cannot read example %s: %w", name, err)
	}
	var e Example
	for _, object := range objects {
		if object, err = p.fit(object); err != nil {
			return Example{}, fmt.Errorf("cannot fit example %s to the cluster: %w", name, err)
		}
		if object.GetKind() == claimKind {
			e.Claim = object
			continue
		}
		e.Platform = append(e.Platform, object)
	}
	if e.Claim == nil {
		return Example{}, fmt.Errorf("example %s has no %s", name, claimKind)
	}
	return e, nil
}

// fit makes an object of an example one of this place.
func (p *Place) fit(object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if p.OwnNames {
		var err error
		if object, err = replace(object, exampleRegistry+"/", p.Registry+"/"); err != nil {
			return nil, err
		}
	}
	if object.GetKind() != "PreviewClass" {
		return object, nil
	}
	gateway := map[string]any{
		"kind": "HTTPRoute", "scheme": "http",
		"parentRef": map[string]any{"namespace": p.Gateway.Namespace, "name": p.Gateway.Name},
	}
	if p.Gateway.Port != 80 {
		gateway["port"] = int64(p.Gateway.Port)
	}
	if err := unstructured.SetNestedField(object.Object, p.Gateway.Domain, "spec", "domain"); err != nil {
		return nil, err
	}
	return object, unstructured.SetNestedMap(object.Object, gateway, "spec", "gateway")
}

// replace replaces pairs of texts wherever they are in an object.
func replace(object *unstructured.Unstructured, pairs ...string) (*unstructured.Unstructured, error) {
	text, err := json.Marshal(object.Object)
	if err != nil {
		return nil, err
	}
	out := &unstructured.Unstructured{}
	return out, json.Unmarshal([]byte(strings.NewReplacer(pairs...).Replace(string(text))), &out.Object)
}

// Apply applies objects in their order, as the platform team. The objects stay as
// they are: what the server adds could not be applied again.
func (p *Place) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, object := range objects {
		if object.GetNamespace() != "" {
			if err := p.EnsureNamespace(ctx, object.GetNamespace()); err != nil {
				return err
			}
		}
		if err := p.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object.DeepCopy()), client.FieldOwner(fieldOwner), client.ForceOwnership); err != nil {
			return fmt.Errorf("cannot apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}
