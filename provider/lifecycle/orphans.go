// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
)

const (
	labelComposite = "crossplane.io/composite"

	// firstSweep lets a restarted cluster come to itself.
	firstSweep = 10 * time.Second
)

// compositeKind is looked for when an object does not say what owns it, such as
// after a restore from a backup, which leaves owners out.
var compositeKind = v1alpha1.GroupVersion.WithKind("XPreviewStack")

// sweptKinds are those of our objects that no namespace takes with it: what is
// in one goes with it.
var sweptKinds = []lifecyclev1alpha1.Kind{
	namespaces,
	{APIVersion: lifecyclev1alpha1.GroupVersion.String(), Kind: "StackLease"},
	{APIVersion: "database.microstaging.dev/v1alpha1", Kind: "DatabaseBranch"},
	{APIVersion: "secret.microstaging.dev/v1alpha1", Kind: "StackSecret"},
	{APIVersion: "snapshot.storage.k8s.io/v1", Kind: "VolumeSnapshotContent"},
	{APIVersion: "kubernetes.crossplane.io/v1alpha2", Kind: "Object"},
}

// A Sweep looks now and then for objects whose stack is gone: made by a
// restore, or left when somebody forced a composite away.
type Sweep struct {
	client client.Client
	live   client.Reader
	voice  *voice
	log    logging.Logger
	clock  *clock.Guard

	interval, confirm time.Duration
	now               func() time.Time

	// seen are suspects, by kind and UID.
	seen map[string]suspicion
}

// A suspicion is an object whose stack was not there at least once.
type suspicion struct {
	since time.Time
	told  bool
}

// Start sweeps until the context is done. It implements manager.Runnable.
func (s *Sweep) Start(ctx context.Context) error {
	timer := time.NewTimer(min(firstSweep, s.interval))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		pending, err := s.sweep(ctx)
		if err != nil {
			s.log.Info("Cannot look for orphans", "error", err)
		}
		next := jitter(s.interval)
		if pending {
			next = min(next, s.confirm)
		}
		timer.Reset(next)
	}
}

// sweep looks once. Pending: something is suspect, and not yet for long enough.
func (s *Sweep) sweep(ctx context.Context) (pending bool, err error) {
	orphans.Reset()
	found := map[string]suspicion{}
	for _, kind := range sweptKinds {
		waits, err2 := s.sweepKind(ctx, kind, found)
		pending, err = pending || waits, errors.Join(err, err2)
	}
	if err == nil {
		s.seen = found
	}
	return pending, err
}

func (s *Sweep) sweepKind(ctx context.Context, kind lifecyclev1alpha1.Kind, found map[string]suspicion) (pending bool, err error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind+"List"))
	for next := ""; ; {
		err := s.live.List(ctx, list, client.HasLabels{v1alpha1.LabelStack}, client.Limit(page), client.Continue(next))
		switch {
		case absent(err):
			return pending, nil
		case err != nil:
			return pending, fmt.Errorf("cannot list kind %s: %w", kind.Kind, err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			o.SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
			waits, err := s.judge(ctx, kind, o, found)
			if err != nil {
				return pending, err
			}
			pending = pending || waits
		}
		if next = list.Continue; next == "" {
			return pending, nil
		}
	}
}

// judge looks at one object of ours.
func (s *Sweep) judge(ctx context.Context, kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata, found map[string]suspicion) (pending bool, err error) {
	if meta.WasDeleted(o) {
		return false, nil
	}
	owner, known := ownerOf(o)
	if !known {
		return false, nil
	}
	lives, err := s.lives(ctx, owner)
	if err != nil || lives {
		return false, err
	}
	key, now := kind.Kind+"/"+string(o.UID), s.now()
	suspect, again := s.seen[key]
	if !again {
		suspect.since = now
	}
	found[key] = suspect
	// Once is not enough: a cluster that is being restored has objects before it
	// has what owns them.
	if now.Sub(suspect.since) < s.confirm {
		return true, nil
	}
	orphans.WithLabelValues(kind.Kind).Inc()
	if !suspect.told {
		suspect.told = true
		found[key] = suspect
		s.report(kind, o, owner)
	}
	return false, s.remove(ctx, kind, o, owner)
}

// An owner is the composite that an object was composed for.
type owner struct {
	gvk  schema.GroupVersionKind
	name string
	// uid is empty when the object does not say it.
	uid types.UID
}

// ownerOf tells whose an object is.
func ownerOf(o metav1.Object) (owner, bool) {
	if ref := metav1.GetControllerOf(o); ref != nil {
		return owner{gvk: schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind), name: ref.Name, uid: ref.UID}, true
	}
	name := o.GetLabels()[labelComposite]
	return owner{gvk: compositeKind, name: name}, name != ""
}

// lives tells whether the composite is there, and is no other of its name.
func (s *Sweep) lives(ctx context.Context, w owner) (bool, error) {
	composite := &metav1.PartialObjectMetadata{}
	composite.SetGroupVersionKind(w.gvk)
	err := s.live.Get(ctx, client.ObjectKey{Name: w.name}, composite)
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		// Also when the kind is not served: whoever reinstalls the definition
		// wants to find the stacks.
		return false, fmt.Errorf("cannot look for %s %s: %w", w.gvk.Kind, w.name, err)
	}
	return w.uid == "" || w.uid == composite.UID, nil
}

func (s *Sweep) report(kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata, w owner) {
	text := fmt.Sprintf("the stack of this object, %s %s, is gone, and this is left", w.gvk.Kind, w.name)
	s.log.Info("Found an orphan", "kind", kind.Kind, "name", o.Name, "composite", w.name)
	s.voice.say(note{about: reference(kind, o), reason: eventOrphaned, text: text})
}

// remove deletes an orphan if its class wants that.
func (s *Sweep) remove(ctx context.Context, kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata, w owner) error {
	class := &v1alpha1.PreviewClass{}
	err := s.live.Get(ctx, client.ObjectKey{Name: o.Labels[v1alpha1.LabelClass]}, class)
	if o.Labels[v1alpha1.LabelClass] == "" || absent(err) || (err == nil && class.Spec.Lifecycle.Orphans != v1alpha1.OrphansRemove) || s.clock.Doubt() != "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read class %s: %w", o.Labels[v1alpha1.LabelClass], err)
	}
	uid := o.UID
	if err := client.IgnoreNotFound(s.client.Delete(ctx, o, client.Preconditions{UID: &uid})); err != nil {
		return fmt.Errorf("cannot delete orphan %s: %w", describe(o), err)
	}
	s.log.Info("Deleted an orphan", "kind", kind.Kind, "name", o.Name, "composite", w.name)
	orphansRemoved.WithLabelValues(kind.Kind).Inc()
	s.voice.say(note{about: reference(kind, o), normal: true, reason: eventRemoved, text: "deleted, because its stack is gone and its class removes orphans"})
	return nil
}

func reference(kind lifecyclev1alpha1.Kind, o *metav1.PartialObjectMetadata) lifecyclev1alpha1.OwnerReference {
	return lifecyclev1alpha1.OwnerReference{APIVersion: kind.APIVersion, Kind: kind.Kind, Namespace: o.Namespace, Name: o.Name, UID: string(o.UID)}
}
