// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"encoding/json"
	"slices"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// manifests takes a blueprint's further objects: of kinds that the class
// allows, always in the preview namespace.
func (r *resolver) manifests() {
	if r.in.Blueprint == nil {
		return
	}
	manifests := r.in.Blueprint.Spec.Manifests
	for _, name := range sortedKeys(manifests) {
		field := "blueprint " + r.in.Blueprint.GetName() + " spec.manifests." + name
		content := map[string]any{}
		if err := json.Unmarshal(manifests[name].Raw, &content); err != nil {
			r.problem(field, "is not a Kubernetes object (%s): write apiVersion, kind, metadata.name and the rest", shorten(err.Error(), 100))
			continue
		}
		expanded, _ := r.expandTree(field, content).(map[string]any)
		object := &unstructured.Unstructured{Object: expanded}
		if !r.allowedManifest(field, object) {
			continue
		}
		object.SetNamespace(r.stack.Namespace)
		r.stack.Manifests = append(r.stack.Manifests, Manifest{Name: name, Object: object})
	}
}

func (r *resolver) allowedManifest(field string, o *unstructured.Unstructured) bool {
	kind := v1alpha1.AllowedKind{APIVersion: o.GetAPIVersion(), Kind: o.GetKind()}
	allowed := r.in.Class.Spec.Manifests.AllowedKinds
	if !slices.Contains(allowed, kind) {
		var list []string
		for _, a := range allowed {
			list = append(list, a.APIVersion+" "+a.Kind)
		}
		r.problem(field, "is a %q of %q, which class %q does not allow: %s; ask the platform team to add it to manifests.allowedKinds", kind.Kind, kind.APIVersion, r.stack.ClassName, known("it allows", list))
		return false
	}
	if o.GetName() == "" {
		r.problem(field+".metadata.name", "is missing: every object needs a name, because a generated one would make a new object each time")
		return false
	}
	if ns := o.GetNamespace(); ns != "" && ns != r.stack.Namespace {
		r.problem(field+".metadata.namespace", "is %q, but a stack's objects live in its own namespace: leave it out", ns)
		return false
	}
	return true
}

// expandTree expands the variables in all strings of a decoded object.
func (r *resolver) expandTree(field string, node any) any {
	switch n := node.(type) {
	case string:
		return r.plain(field, n, "a manifest is stored in the open")
	case map[string]any:
		for _, k := range sortedKeys(n) {
			n[k] = r.expandTree(field+"."+k, n[k])
		}
	case []any:
		for i := range n {
			n[i] = r.expandTree(field+"["+strconv.Itoa(i)+"]", n[i])
		}
	}
	return node
}
