// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

const (
	// maxLeftovers are named, as many as the API holds; all are counted.
	maxLeftovers = 20
	// page bounds what one answer of the API server holds.
	page = 500
)

// Groups whose objects outlive a stack on purpose: its lease and receipts, and
// what tells the pull request that it is gone.
var kept = map[string]bool{lifecyclev1alpha1.GroupVersion.Group: true, "forge.microstaging.dev": true}

// A survey is what is found of a stack.
type survey struct {
	// left counts everything, leftovers names the first.
	left      int
	leftovers []lifecyclev1alpha1.Leftover

	looked []lifecyclev1alpha1.Kind
	unseen []lifecyclev1alpha1.Unseen
	// blind: a kind may not be listed, so nothing can be said of it.
	blind bool

	seen map[types.UID]bool
}

// clean: everything was looked through, and nothing is left.
func (s *survey) clean() bool { return s.left == 0 && !s.blind }

const (
	// surveyLater is when a lease looks again that found others looking.
	surveyLater = 200 * time.Millisecond
	// surveyBrief is for how long the namespace is all that is looked for: as a
	// rule it is gone by then, and what was in it with it.
	surveyBrief = 10 * time.Second
)

// look finds what is left of a stack; nil if too many others are looking. What
// was left the last time is looked for first, and alone while it is there: a
// stack that takes long to go is not searched through again and again.
func (v *visit) look(ctx context.Context) (*survey, error) {
	select {
	case v.surveys <- struct{}{}:
		defer func() { <-v.surveys }()
	default:
		v.again(surveyLater)
		return nil, nil //nolint:nilnil // Said above.
	}
	traces := v.lease.Spec.Traces
	if brief := v.at.Sub(v.lease.Status.RemovingSince.Time) < surveyBrief; brief && traces.Namespace != "" && v.lease.Annotations[lifecyclev1alpha1.AnnotationAbandon] == "" {
		s := &survey{seen: map[types.UID]bool{}}
		if err := v.lookForNamespace(ctx, s); err != nil || s.left > 0 {
			return s, err
		}
	}
	if last := kindsOf(v.lease.Status.Leftovers); len(last) > 0 && !slices.Equal(last, []lifecyclev1alpha1.Kind{namespaces}) {
		s := &survey{seen: map[types.UID]bool{}}
		if err := v.lookFor(ctx, s, last); err != nil || s.left > 0 {
			return s, err
		}
	}
	s := &survey{seen: map[types.UID]bool{}}
	kinds := slices.Clone(v.lease.Spec.Traces.Kinds)
	if v.lease.Spec.Traces.Namespace != "" {
		kinds = append(kinds, namespaces, volumes)
	}
	return s, v.lookFor(ctx, s, kinds)
}

var (
	namespaces = lifecyclev1alpha1.Kind{APIVersion: "v1", Kind: "Namespace"}
	volumes    = lifecyclev1alpha1.Kind{APIVersion: "v1", Kind: "PersistentVolume"}
)

func kindsOf(leftovers []lifecyclev1alpha1.Leftover) []lifecyclev1alpha1.Kind {
	kinds := map[lifecyclev1alpha1.Kind]bool{}
	for _, l := range leftovers {
		kinds[lifecyclev1alpha1.Kind{APIVersion: l.APIVersion, Kind: l.Kind}] = true
	}
	return slices.Collect(maps.Keys(kinds))
}

func (v *visit) lookFor(ctx context.Context, s *survey, kinds []lifecyclev1alpha1.Kind) error {
	done := map[lifecyclev1alpha1.Kind]bool{}
	for _, kind := range kinds {
		if done[kind] || kept[schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind).Group] {
			continue
		}
		done[kind] = true
		err := v.lookThrough(ctx, s, kind)
		switch {
		case err == nil:
			s.looked = append(s.looked, kind)
		case absent(err):
			s.unseen = append(s.unseen, lifecyclev1alpha1.Unseen{Kind: kind, Why: "the cluster does not serve this kind"})
		case apierrors.IsForbidden(err):
			s.blind = true
			s.unseen = append(s.unseen, lifecyclev1alpha1.Unseen{Kind: kind, Why: forbidden(err)})
		default:
			return fmt.Errorf("cannot look for what is left of kind %s: %w", kind.Kind, err)
		}
	}
	return nil
}

// lookThrough finds what is left of one kind.
func (v *visit) lookThrough(ctx context.Context, s *survey, kind lifecyclev1alpha1.Kind) error {
	traces := v.lease.Spec.Traces
	for label, value := range traces.Labels {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind+"List"))
		if err := v.eachPage(ctx, list, client.MatchingLabels{label: value}, func() {
			for i := range list.Items {
				v.found(ctx, s, kind, &list.Items[i])
			}
		}); err != nil {
			return err
		}
	}
	switch {
	case kind == namespaces && traces.Namespace != "":
		return v.lookForNamespace(ctx, s)
	case kind == volumes && traces.Namespace != "":
		return v.lookThroughVolumes(ctx, s)
	}
	return nil
}

// lookForNamespace finds the namespace by its name, whatever its labels are.
func (v *visit) lookForNamespace(ctx context.Context, s *survey) error {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := v.live.Get(ctx, client.ObjectKey{Name: v.lease.Spec.Traces.Namespace}, object); err != nil {
		return client.IgnoreNotFound(err)
	}
	v.found(ctx, s, namespaces, object)
	return nil
}

// lookThroughVolumes finds volumes by whose claim they are bound to: no label
// tells.
func (v *visit) lookThroughVolumes(ctx context.Context, s *survey) error {
	list := &corev1.PersistentVolumeList{}
	return v.eachPage(ctx, list, nil, func() {
		for i := range list.Items {
			volume := &list.Items[i]
			if volume.Spec.ClaimRef == nil || volume.Spec.ClaimRef.Namespace != v.lease.Spec.Traces.Namespace || s.seen[volume.UID] {
				continue
			}
			s.seen[volume.UID] = true
			s.add(volumes, volume, whyVolume(volume))
		}
	})
}

// eachPage lists page by page.
func (v *visit) eachPage(ctx context.Context, list client.ObjectList, labels client.MatchingLabels, each func()) error {
	for next := ""; ; {
		if err := v.live.List(ctx, list, labels, client.Limit(page), client.Continue(next)); err != nil {
			return err
		}
		each()
		if next = list.GetContinue(); next == "" {
			return nil
		}
	}
}

// found takes in an object that is left.
func (v *visit) found(ctx context.Context, s *survey, kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata) {
	spec := v.lease.Spec
	itself := string(o.UID) == spec.Composite.UID || (spec.Claim != nil && kind.Kind == spec.Claim.Kind && o.Namespace == spec.Claim.Namespace && o.Name == spec.Claim.Name)
	if s.seen[o.UID] || itself {
		return
	}
	s.seen[o.UID] = true
	if len(s.leftovers) >= maxLeftovers {
		s.left++
		return
	}
	s.add(kind, o, v.why(ctx, kind, o))
}

func (s *survey) add(kind lifecyclev1alpha1.Kind, o metav1.Object, why string) {
	if s.left++; len(s.leftovers) < maxLeftovers {
		s.leftovers = append(s.leftovers, lifecyclev1alpha1.Leftover{
			APIVersion: kind.APIVersion, Kind: kind.Kind, Namespace: o.GetNamespace(), Name: o.GetName(), Why: why,
		})
	}
}

// why is why an object is not gone. Only what its metadata does not tell is read
// in full.
func (v *visit) why(ctx context.Context, kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata) string {
	switch {
	case kind == namespaces:
		namespace := &corev1.Namespace{}
		if err := v.live.Get(ctx, client.ObjectKeyFromObject(o), namespace); err == nil {
			return whyNamespace(namespace)
		}
	case slices.Contains(o.Finalizers, finalizerManaged):
		full := &unstructured.Unstructured{}
		full.SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
		if err := v.live.Get(ctx, client.ObjectKeyFromObject(o), full); err == nil {
			return whyObject(o, syncedMessage(full))
		}
	}
	return whyObject(o, "")
}
