// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// plainPrefix is put before the namespace and the host of a captured stack.
const plainPrefix = "p-"

// leaseKind keeps the time of a stack.
const leaseKind = "StackLease"

// A Capture is the objects that a stack consists of, as somebody would write
// them in files: without what clusters add to them.
type Capture struct {
	Namespace, URL string

	objects []*unstructured.Unstructured
}

// Capture reads all objects that the composite of a stack refers to, for
// another namespace and host.
func (s *Stack) Capture(ctx context.Context) (Capture, error) {
	status, err := s.Status(ctx)
	if err != nil {
		return Capture{}, err
	}
	refs, err := s.references(ctx)
	if err != nil {
		return Capture{}, err
	}
	address := strings.TrimPrefix(status.URL, "http://")
	c := Capture{Namespace: plainPrefix + status.Namespace, URL: "http://" + plainPrefix + address}
	host, _, _ := strings.Cut(address, ":") // Routes have no port.
	for _, ref := range refs {
		object := &unstructured.Unstructured{}
		object.SetAPIVersion(ref.APIVersion)
		object.SetKind(ref.Kind)
		if err := s.place.Client.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, object); err != nil {
			return c, fmt.Errorf("cannot capture %s %s: %w", ref.Kind, ref.Name, err)
		}
		clean(object)
		if object, err = replace(object, status.Namespace, c.Namespace, host, plainPrefix+host); err != nil {
			return c, fmt.Errorf("cannot capture %s %s: %w", ref.Kind, ref.Name, err)
		}
		c.objects = append(c.objects, object)
	}
	return c, nil
}

// A reference is one of a composite's.
type reference struct{ APIVersion, Kind, Namespace, Name string }

// references are what the composite of a claim is made of.
func (s *Stack) references(ctx context.Context) ([]reference, error) {
	all := &unstructured.UnstructuredList{}
	all.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("XPreviewStackList"))
	if err := s.place.Client.List(ctx, all, client.MatchingLabels{
		"crossplane.io/claim-namespace": s.claim.GetNamespace(), "crossplane.io/claim-name": s.claim.GetName(),
	}); err != nil {
		return nil, fmt.Errorf("cannot find the composite of claim %s: %w", s.claim.GetName(), err)
	}
	if len(all.Items) != 1 {
		return nil, fmt.Errorf("claim %s has %d composites, not 1", s.claim.GetName(), len(all.Items))
	}
	list, _, _ := unstructured.NestedSlice(all.Items[0].Object, "spec", "resourceRefs")
	refs := make([]reference, 0, len(list))
	for _, item := range list {
		ref, _ := item.(map[string]any)
		text := func(key string) string { value, _ := ref[key].(string); return value }
		if text("kind") == leaseKind {
			continue // Somebody with files has none: nothing ends what they apply.
		}
		refs = append(refs, reference{text("apiVersion"), text("kind"), text("namespace"), text("name")})
	}
	return refs, nil
}

// clean removes what people do not write: the server's bookkeeping, what
// controllers chose, and all that says whose child an object is.
func clean(object *unstructured.Unstructured) {
	kept := map[string]any{"name": object.GetName()}
	if object.GetNamespace() != "" {
		kept["namespace"] = object.GetNamespace()
	}
	if labels := without(object.GetLabels(), "crossplane.io/", "batch.kubernetes.io/", "controller-uid", "job-name", "kubernetes.io/metadata.name"); len(labels) > 0 {
		kept["labels"] = labels
	}
	if annotations := without(object.GetAnnotations(), "crossplane.io/", "deployment.kubernetes.io/", "pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/", "batch.kubernetes.io/"); len(annotations) > 0 {
		kept["annotations"] = annotations
	}
	object.Object["metadata"] = kept
	delete(object.Object, "status")
	for _, field := range chosen[object.GetKind()] {
		unstructured.RemoveNestedField(object.Object, strings.Split(field, ".")...)
	}
	if object.GetKind() == "Job" {
		labels, _, _ := unstructured.NestedStringMap(object.Object, "spec", "template", "metadata", "labels")
		_ = unstructured.SetNestedField(object.Object, without(labels, "batch.kubernetes.io/", "controller-uid", "job-name"), "spec", "template", "metadata", "labels")
	}
}

// chosen are the fields of a kind that a controller fills in, and that another
// object must not carry.
var chosen = map[string][]string{
	"Job":                   {"spec.selector"},
	"Namespace":             {"spec"},
	"PersistentVolumeClaim": {"spec.volumeName"},
	"Service":               {"spec.clusterIP", "spec.clusterIPs"},
}

func without(m map[string]string, prefixes ...string) map[string]any {
	out := map[string]any{}
	for key, value := range m {
		out[key] = value
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				delete(out, key)
			}
		}
	}
	return out
}
