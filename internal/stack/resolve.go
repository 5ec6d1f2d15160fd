// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// An Input is all that a stack is resolved from.
type Input struct {
	Identity  names.Identity
	Spec      v1alpha1.PreviewStackSpec
	Class     v1alpha1.PreviewClass
	Blueprint *v1alpha1.PreviewBlueprint
	// Target of a live stack (status.target); nil for a new one.
	Target *v1alpha1.Target
	// ConfigMaps of the claim's namespace by name; nil data for one that does
	// not exist. ConfigMapNames says which are needed.
	ConfigMaps map[string]map[string]string
	// Intercepted: the routes of a live stack lead through the interceptor.
	Intercepted bool
}

// A resolver collects what is resolved and what is wrong with it.
type resolver struct {
	in       Input
	merged   v1alpha1.StackTemplate
	stack    *Stack
	defaults corev1.ResourceRequirements
	scope    scope
	problems Problems
}

// Resolve makes a stack of its input. It finds all problems, not the first:
// with any, the stack must not be applied.
func Resolve(in Input) (*Stack, Problems) {
	r := &resolver{in: in, merged: mergedTemplate(in.Spec, in.Blueprint)}
	r.stack = &Stack{
		Identity:  in.Identity,
		Namespace: in.Identity.Namespace(),
		ClassName: in.Class.GetName(),
		Class:     in.Class.Spec,
		Source:    in.Spec.Source,
	}
	r.defaults = r.stack.ContainerDefaults()
	for _, step := range []func(){
		r.admit,
		r.lifecycle,
		r.target,
		r.blueprint,
		r.partNames,
		r.secrets,
		r.databases,
		r.mocks,
		r.volumes,
		r.routes,
		r.sleep,
		r.variables,
		r.services,
		r.jobs,
		r.dependencies,
		r.egress,
		r.manifests,
		r.reserved,
	} {
		step()
	}
	return r.stack, r.problems
}

// ConfigMapNames lists the ConfigMaps of the claim's namespace that a stack
// takes files from, sorted.
func ConfigMapNames(spec v1alpha1.PreviewStackSpec, blueprint *v1alpha1.PreviewBlueprint) []string {
	merged := mergedTemplate(spec, blueprint)
	var found []string
	files := func(c v1alpha1.Container) {
		for _, f := range c.Files {
			if f.ConfigMapRef != nil {
				found = append(found, f.ConfigMapRef.Name)
			}
		}
	}
	for _, s := range merged.Services {
		files(s.Container)
	}
	for _, j := range merged.Jobs {
		files(j.Container)
	}
	for _, m := range merged.Mocks {
		if m.ConfigMapRef != nil {
			found = append(found, m.ConfigMapRef.Name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func mergedTemplate(spec v1alpha1.PreviewStackSpec, blueprint *v1alpha1.PreviewBlueprint) v1alpha1.StackTemplate {
	if blueprint == nil {
		return spec.StackTemplate
	}
	return Merge(blueprint.Spec.StackTemplate, spec.StackTemplate)
}

func (r *resolver) problem(field, format string, args ...any) {
	r.refuse(v1alpha1.ReasonInvalid, field, format, args...)
}

func (r *resolver) refuse(reason, field, format string, args ...any) {
	r.problems = append(r.problems, Problem{Reason: reason, Field: field, Message: fmt.Sprintf(format, args...)})
}

func (r *resolver) blueprint() {
	if b := r.in.Blueprint; b != nil {
		r.stack.Blueprint = &v1alpha1.BlueprintStatus{Name: b.GetName(), Series: b.Spec.Series}
		r.stack.Notes = b.Spec.Notes
	}
	if len(r.merged.Services) == 0 {
		r.problem("spec.services", "is empty in claim and blueprint: list at least one service, for example web: {image: r.example.com/shop/web:main}")
	}
}

// partNames holds parts to one name each, since dependsOn and host names
// could not tell two of the same name apart.
func (r *resolver) partNames() {
	owners := map[string][]string{}
	claim := func(family string, keys []string) {
		for _, k := range keys {
			owners[k] = append(owners[k], family)
		}
	}
	claim("services", sortedKeys(r.merged.Services))
	claim("databases", sortedKeys(r.merged.Databases))
	claim("mocks", sortedKeys(r.merged.Mocks))
	claim("jobs", sortedKeys(r.merged.Jobs))
	for _, name := range sortedKeys(owners) {
		if families := owners[name]; len(families) > 1 {
			r.problem("spec."+families[1]+"."+name, "has the name of an entry of %s too: services, databases, mocks and jobs share their names; rename one of them, for example %s-%s",
				families[0], name, strings.TrimSuffix(families[1], "s"))
		}
	}
}

func (r *resolver) target() {
	now := r.in.Class.Spec.Target
	now.Mode = orDefault(now.Mode, v1alpha1.TargetDirect)
	r.stack.Target = now
	live := r.in.Target
	if live == nil || live.Mode == "" {
		return
	}
	r.stack.Target = *live
	if now.Mode != live.Mode || refName(now.ProviderConfigRef) != refName(live.ProviderConfigRef) {
		r.refuse(v1alpha1.ReasonImmutable, "spec.classRef", "leads to target %s, but the stack runs in target %s, and a live stack does not move: delete the claim and create it again, or go back to a class with the old target",
			describeTarget(now), describeTarget(*live))
	}
}

func describeTarget(t v1alpha1.Target) string {
	if t.ProviderConfigRef == nil {
		return string(t.Mode)
	}
	return string(t.Mode) + "/" + t.ProviderConfigRef.Name
}

func refName(ref *v1alpha1.NameReference) string {
	if ref == nil {
		return ""
	}
	return ref.Name
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// orDefault gives the value, or the default for the zero value.
func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// deref gives what the pointer points to, or the default for nil.
func deref[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
