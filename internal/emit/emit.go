// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package emit brings the objects of a stack to the cluster they run in. Direct
// leaves them as they are, for Crossplane's own cluster; Objects wraps each in
// an Object of provider-kubernetes, which applies it to another. It changes
// nothing of the objects themselves, and does not read them back.
package emit

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/names"
)

// Emit gives the object to compose for an object of a stack. Key, part and role
// stay; for a wrapped one NeedsCRD names Object's own CRD, as whether the other
// cluster knows the kind cannot be seen from here.
func Emit(o expand.Object, id names.Identity, target v1alpha1.Target) expand.Object {
	if target.Mode != v1alpha1.TargetObjects || ours(o) {
		return o
	}
	o.Object, o.NeedsCRD = MakeObject(o, id, target), objectCRD
	return o
}

// ours tells whether our own provider serves the object. It reads and writes
// in Crossplane's cluster, so the object stays there.
func ours(o expand.Object) bool {
	group := o.Object.GetObjectKind().GroupVersionKind().Group
	return strings.HasSuffix(group, "."+v1alpha1.GroupVersion.Group)
}

// MakeObject wraps an object for the target's cluster.
func MakeObject(o expand.Object, id names.Identity, target v1alpha1.Target) *Object {
	wrapped := &Object{
		TypeMeta: metav1.TypeMeta{APIVersion: objectVersion, Kind: "Object"},
		ObjectMeta: metav1.ObjectMeta{
			Name:   id.ClusterScoped(o.Key),
			Labels: expand.PartLabels(id, o.Part),
		},
		Spec: ObjectSpec{
			ForProvider: ObjectParameters{Manifest: o.Object},
			Readiness:   readiness(o.Object.GetObjectKind().GroupVersionKind()),
			Watch:       true,
		},
	}
	if ref := target.ProviderConfigRef; ref != nil {
		wrapped.Spec.ProviderConfigRef = &ProviderConfigRef{Name: ref.Name}
	}
	return wrapped
}
