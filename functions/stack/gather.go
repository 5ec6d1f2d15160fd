// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// A gathering asks for required resources and reads those that came. It asks
// for the same in every round, as Crossplane calls until the requirements of
// two rounds are equal.
type gathering struct {
	rsp      *fnv1.RunFunctionResponse
	required *wire.RequiredResources
	// open: something was asked for the first time, so this round cannot
	// decide.
	open bool
}

func (g *gathering) all(name string, s xr.Selector) []wire.Resource {
	xr.Require(g.rsp, name, s)
	items, answered := g.required.Get(name)
	g.open = g.open || !answered
	return items
}

func (g *gathering) one(name string, s xr.Selector) wire.Resource {
	items := g.all(name, s)
	if len(items) == 0 {
		return wire.Resource{}
	}
	return items[0]
}

// class reads the class that the claim names, or the default one.
func (g *gathering) class(ref *v1alpha1.NameReference) (v1alpha1.PreviewClass, stack.Problems) {
	var class v1alpha1.PreviewClass
	s := xr.Selector{APIVersion: v1alpha1.GroupVersion.String(), Kind: "PreviewClass"}
	if ref != nil {
		s.Name = ref.Name
	} else {
		s.Labels = map[string]string{v1alpha1.LabelDefaultClass: "true"}
	}
	items := g.all("class", s)
	switch {
	case g.open:
		return class, nil
	case len(items) == 0 && ref != nil:
		return class, refuse(v1alpha1.ReasonClassNotFound, "spec.classRef.name", "is %q, but there is no such PreviewClass: name one that exists (kubectl get previewclasses), or create it", ref.Name)
	case len(items) == 0:
		return class, refuse(v1alpha1.ReasonClassNotFound, "spec.classRef", "is not set, and no PreviewClass is labelled %s=true: name a class, or label the default one", v1alpha1.LabelDefaultClass)
	case len(items) > 1:
		return class, refuse(v1alpha1.ReasonClassAmbiguous, "spec.classRef", "is not set, and more than one PreviewClass is labelled %s=true (%s): name a class, or leave the label on one", v1alpha1.LabelDefaultClass, strings.Join(resourceNames(items), ", "))
	}
	if err := items[0].Decode(&class, "metadata.name", "spec"); err != nil {
		return class, refuse(v1alpha1.ReasonInvalid, "class "+items[0].Name(), "cannot be read: %v", err)
	}
	return class, nil
}

// blueprint reads the blueprint that the claim names. One that was resolved
// from a series stays: a live stack does not change under its owner.
func (g *gathering) blueprint(ref *v1alpha1.BlueprintReference, resolved *v1alpha1.BlueprintStatus) (*v1alpha1.PreviewBlueprint, stack.Problems) {
	if ref == nil {
		return nil, nil
	}
	s := xr.Selector{APIVersion: v1alpha1.GroupVersion.String(), Kind: "PreviewBlueprint", Name: ref.Name}
	if ref.Series != "" {
		s.Labels = map[string]string{v1alpha1.LabelSeries: ref.Series}
		if resolved != nil && resolved.Series == ref.Series {
			s.Name, s.Labels = resolved.Name, nil
		}
	}
	items := g.all("blueprint", s)
	if g.open {
		return nil, nil
	}
	if len(items) == 0 {
		return nil, missingBlueprint(ref, s.Name)
	}
	newest := slices.MaxFunc(items, func(a, b wire.Resource) int {
		return cmp.Or(a.CreatedAt().Compare(b.CreatedAt()), strings.Compare(a.Name(), b.Name()))
	})
	var blueprint v1alpha1.PreviewBlueprint
	if err := newest.Decode(&blueprint, "metadata.name", "spec"); err != nil {
		return nil, refuse(v1alpha1.ReasonInvalid, "blueprint "+newest.Name(), "cannot be read: %v", err)
	}
	if ref.Series != "" {
		blueprint.Spec.Series = ref.Series
	}
	return &blueprint, nil
}

func missingBlueprint(ref *v1alpha1.BlueprintReference, name string) stack.Problems {
	if name != "" {
		return refuse(v1alpha1.ReasonBlueprintNotFound, "spec.blueprintRef", "leads to PreviewBlueprint %q, which does not exist: name one that does (kubectl get previewblueprints), or create it", name)
	}
	return refuse(v1alpha1.ReasonBlueprintNotFound, "spec.blueprintRef.series", "is %q, but no PreviewBlueprint is labelled %s=%s: label one, or name a series that exists", ref.Series, v1alpha1.LabelSeries, ref.Series)
}

// configMaps reads what the stack takes from the claim's namespace.
func (g *gathering) configMaps(namespace string, configMaps []string) (map[string]map[string]string, stack.Problems) {
	found := map[string]map[string]string{}
	for _, name := range configMaps {
		item := g.one("configmap/"+name, xr.Selector{APIVersion: "v1", Kind: "ConfigMap", Namespace: namespace, Name: name})
		if !item.Exists() {
			continue
		}
		var configMap struct {
			Data map[string]string `json:"data"`
		}
		if err := item.Decode(&configMap, "data"); err != nil {
			return nil, refuse(v1alpha1.ReasonInvalid, "ConfigMap "+namespace+"/"+name, "cannot be read: %v", err)
		}
		if configMap.Data == nil {
			configMap.Data = map[string]string{}
		}
		found[name] = configMap.Data
	}
	return found, nil
}

// kinds says which of the optional kinds the cluster has. One that is in use
// is there: its definition, often the largest object of the request, is not
// asked for again.
func (g *gathering) kinds(needed []string, inUse map[string]bool) map[string]bool {
	seen := map[string]bool{}
	for _, crd := range needed {
		if inUse[crd] {
			seen[crd] = true
			continue
		}
		seen[crd] = g.one("crd/"+crd, xr.Selector{
			APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Name: crd,
		}).Exists()
	}
	return seen
}

// pods reads the pods of the stack; they are asked for only while something
// is not as it should be.
func (g *gathering) pods(id names.Identity) ([]health.Pod, error) {
	items := g.all("pods", xr.Selector{
		APIVersion: "v1", Kind: "Pod", Namespace: id.Namespace(),
		Labels: map[string]string{v1alpha1.LabelStack: id.Namespace()},
	})
	pods := make([]health.Pod, 0, len(items))
	for _, item := range items {
		pod, err := health.ReadPod(item)
		if err != nil {
			return nil, fmt.Errorf("cannot read pod %s: %w", item.Name(), err)
		}
		pods = append(pods, pod)
	}
	return pods, nil
}

func refuse(reason, field, format string, args ...any) stack.Problems {
	return stack.Problems{{Reason: reason, Field: field, Message: fmt.Sprintf(format, args...)}}
}

func resourceNames(items []wire.Resource) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, item.Name())
	}
	slices.Sort(out)
	return out
}
