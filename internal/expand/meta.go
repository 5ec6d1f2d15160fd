// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// makeMeta is the metadata of a namespaced object.
func makeMeta(s *stack.Stack, part stack.Part, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: s.Namespace, Name: name, Labels: partLabels(s, part)}
}

// makeClusterMeta is the metadata of a cluster-scoped object; its name carries
// the stack.
func makeClusterMeta(s *stack.Stack, part stack.Part, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: s.Identity.ClusterScoped(name), Labels: partLabels(s, part)}
}

// partLabels are on every object, and on the pods that selectors choose: they
// must never depend on anything that changes during the life of a stack,
// because a selector cannot change, and a label of a pod rolls it.
func partLabels(s *stack.Stack, part stack.Part) map[string]string {
	return labels(s.Namespace, part)
}

// PartLabels are the labels of a part's objects, wherever they are.
func PartLabels(id names.Identity, part stack.Part) map[string]string {
	return labels(id.Namespace(), part)
}

func labels(namespace string, part stack.Part) map[string]string {
	out := map[string]string{
		v1alpha1.LabelStack: names.LabelValue(namespace),
		v1alpha1.LabelPart:  string(part.Kind),
	}
	if part.Name != "" {
		out[v1alpha1.LabelName] = names.LabelValue(part.Name)
	}
	return out
}

// withRevision labels what was made for one commit. It is for objects that a
// push changes anyway, and never for pods: it would roll every service on
// every push, also those whose image did not change.
func withRevision(s *stack.Stack, meta metav1.ObjectMeta) metav1.ObjectMeta {
	meta.Labels[v1alpha1.LabelRevision] = names.LabelValue(s.Source.Revision)
	return meta
}

// merged gives the entries of all maps; later ones win. It is nil when there
// are none, so that we own no annotations that we have not set.
func merged(maps ...map[string]string) map[string]string {
	var out map[string]string
	for _, m := range maps {
		for k, v := range m {
			if out == nil {
				out = map[string]string{}
			}
			out[k] = v
		}
	}
	return out
}
