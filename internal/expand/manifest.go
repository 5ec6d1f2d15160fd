// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/microstaging/preview-stacks/internal/stack"
)

func manifests(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, m := range s.Manifests {
		objects = append(objects, Object{
			Key: "manifest-" + m.Name, Part: stack.Part{Kind: stack.PartManifest, Name: m.Name}, Role: RoleManifest,
			Object: MakeManifest(s, m), NeedsCRD: manifestCRD(m.Object.GroupVersionKind()),
		})
	}
	return objects
}

// MakeManifest takes an object of a blueprint as it is, in the namespace and
// with the labels of the stack. Pods of its template do not get the labels:
// its selector is its own.
func MakeManifest(s *stack.Stack, m stack.Manifest) *unstructured.Unstructured {
	o := m.Object.DeepCopy()
	o.SetNamespace(s.Namespace)
	o.SetLabels(merged(o.GetLabels(), partLabels(s, stack.Part{Kind: stack.PartManifest, Name: m.Name})))
	return o
}

// builtIn are the API groups of the kinds that every cluster has.
var builtIn = []string{
	"", "apps", "autoscaling", "batch", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io",
	"networking.k8s.io", "policy", "rbac.authorization.k8s.io", "resource.k8s.io",
}

// manifestCRD names the CustomResourceDefinition of a kind, by the rules of
// English that the makers of kinds follow.
func manifestCRD(gvk schema.GroupVersionKind) string {
	if slices.Contains(builtIn, gvk.Group) {
		return ""
	}
	return plural(strings.ToLower(gvk.Kind)) + "." + gvk.Group
}

func plural(kind string) string {
	for _, ending := range []string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(kind, ending) {
			return kind + "es"
		}
	}
	stem, ok := strings.CutSuffix(kind, "y")
	if !ok || stem == "" || strings.ContainsRune("aeiou", rune(stem[len(stem)-1])) {
		return kind + "s"
	}
	return stem + "ies"
}
