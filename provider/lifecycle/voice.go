// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"

	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

// Reasons of events that are no reasons of conditions.
const (
	eventExpiresSoon = "ExpiresSoon"
	eventExpired     = "Expired"
	eventOrphaned    = "Orphaned"
	eventRemoved     = "OrphanRemoved"
)

const (
	// noteQueue holds the events of a fleet that is due at once.
	noteQueue = 4096
	// notesPerSecond leave the API server to what ends stacks.
	notesPerSecond = 50
	// noteBytes is what the API allows.
	noteBytes = 1000
)

// A voice tells people by events. What ends a stack does not wait for it: events
// are sent in order, by a worker of their own, and get lost with the process.
type voice struct {
	recorder events.EventRecorder
	reader   client.Reader
	log      logging.Logger
	queue    chan note
	pace     *rate.Limiter
}

// A note is an event that has not been sent yet.
type note struct {
	about  lifecyclev1alpha1.OwnerReference
	normal bool
	reason string
	text   string
}

// Start sends events until the context is done. It implements manager.Runnable.
func (v *voice) Start(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-v.queue:
			if v.pace.Wait(ctx) == nil {
				v.send(ctx, n)
			}
		}
	}
}

// say queues an event.
func (v *voice) say(n note) {
	select {
	case v.queue <- n:
	default:
		v.log.Info("Too many events at once; one is lost", "object", n.about.Name, "reason", n.reason, "note", n.text)
	}
}

func (v *voice) send(ctx context.Context, n note) {
	about := partial(n.about)
	if n.about.UID == "" {
		// kubectl describe shows events of this very object only.
		if err := v.reader.Get(ctx, client.ObjectKeyFromObject(about), about); err != nil {
			v.log.Debug("Cannot look for what an event is about", "object", n.about.Name, "error", err)
		}
	}
	severity := corev1.EventTypeWarning
	if n.normal {
		severity = corev1.EventTypeNormal
	}
	v.recorder.Eventf(about, nil, severity, n.reason, "End", "%s", n.text[:min(len(n.text), noteBytes)])
}

// partial is the metadata of what a reference names.
func partial(ref lifecyclev1alpha1.OwnerReference) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{}
	object.SetGroupVersionKind(schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
	object.Namespace, object.Name, object.UID = ref.Namespace, ref.Name, types.UID(ref.UID)
	return object
}
