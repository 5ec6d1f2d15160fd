// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/names"
)

const (
	// AnnotationTemplate is on workloads and schedules: a hash of their pod
	// template; and on ConfigMaps: a hash of their data. It tells whether the
	// observed object has the newest one, which comparing templates cannot: the
	// API server fills in defaults, and admission may change images.
	AnnotationTemplate = "microstaging.dev/template-hash"

	hashLength = 16
)

// stamp annotates what pods are made of, and can change, with its hash.
func stamp(o expand.Object) (stamped expand.Object, hash string) {
	template := templateOf(o)
	if template == nil {
		return o, ""
	}
	text, err := template.Marshal()
	if err != nil {
		// API types always marshal; one that did not would not reach the
		// cluster either.
		panic(fmt.Sprintf("cannot marshal %s: %v", o.Key, err))
	}
	hash = names.Hash(hashLength, string(text))
	return annotate(o, hash), hash
}

// A template is a type of the Kubernetes API, which writes itself in its binary
// form: the same bytes for the same value, several times faster than JSON. A
// new release of the API may write others, and hashes change with it: each
// object is then applied once more, which rolls no pod, as no pod has the hash.
type template interface{ Marshal() ([]byte, error) }

func templateOf(o expand.Object) template {
	switch object := o.Object.(type) {
	case *appsv1.Deployment:
		return &object.Spec.Template
	case *batchv1.CronJob:
		return &object.Spec.JobTemplate
	case *corev1.ConfigMap:
		if len(object.Data) > 0 {
			return &corev1.ConfigMap{Data: object.Data}
		}
	}
	return nil
}

// annotate works on a copy: the object belongs to the caller.
func annotate(o expand.Object, hash string) expand.Object {
	switch object := o.Object.(type) {
	case *appsv1.Deployment:
		stamped := *object
		stamped.Annotations = annotated(object.Annotations, hash)
		o.Object = &stamped
	case *batchv1.CronJob:
		stamped := *object
		stamped.Annotations = annotated(object.Annotations, hash)
		o.Object = &stamped
	case *corev1.ConfigMap:
		stamped := *object
		stamped.Annotations = annotated(object.Annotations, hash)
		o.Object = &stamped
	}
	return o
}

func annotated(annotations map[string]string, hash string) map[string]string {
	out := map[string]string{AnnotationTemplate: hash}
	for k, v := range annotations {
		out[k] = v
	}
	return out
}

// A sighting is what is seen of one object.
type sighting struct {
	object health.Observed // Unwrapped.
	// wanted and applied are hashes of its template; wanted is empty for
	// objects without one.
	wanted, applied string
	// held: paused, or suspended.
	held bool
	// asked and running are the replicas of a Deployment: those of its spec,
	// and those there are, pods that are ending among them.
	asked, running int32
}

func see(observed health.Observed, wanted string) sighting {
	// What cannot be read is taken to run.
	s := sighting{object: observed, wanted: wanted, asked: 1, running: 1}
	inner, err := health.Unwrap(observed)
	if err != nil {
		return s
	}
	s.object = inner
	if wanted == "" {
		return s
	}
	var view struct {
		Metadata struct {
			Annotations struct {
				Template string `json:"microstaging.dev/template-hash"` // AnnotationTemplate
			} `json:"annotations"`
		} `json:"metadata"`
		Spec struct {
			Paused   bool   `json:"paused"`
			Suspend  bool   `json:"suspend"`
			Replicas *int32 `json:"replicas"`
		} `json:"spec"`
		Status struct {
			ObservedGeneration  int64 `json:"observedGeneration"`
			Replicas            int32 `json:"replicas"`
			TerminatingReplicas int32 `json:"terminatingReplicas"`
		} `json:"status"`
	}
	err = inner.Decode(&view, "metadata.annotations", "spec.paused", "spec.suspend", "spec.replicas",
		"status.observedGeneration", "status.replicas", "status.terminatingReplicas")
	if err != nil {
		return s
	}
	s.applied = view.Metadata.Annotations.Template
	s.held = view.Spec.Paused || view.Spec.Suspend
	s.asked = ptr.Deref(view.Spec.Replicas, 1)
	if view.Status.ObservedGeneration >= inner.Generation() {
		s.running = view.Status.Replicas + view.Status.TerminatingReplicas
	}
	return s
}

// stopped tells whether a Deployment is to have no pods, and has none.
func (s sighting) stopped() bool { return s.asked == 0 && s.running == 0 }

// rollsOut tells whether the object would get another template, or has it and
// was kept from using it. One whose template stays needs no pause: a push that
// leaves a service's image alone does not touch it.
//
// How many pods it has is no part of it: waking rolls nothing out.
func (s sighting) rollsOut() bool { return s.wanted != "" && (s.wanted != s.applied || s.held) }

// pause keeps what an object runs now while its new template is stored.
func pause(o expand.Object) expand.Object {
	switch object := o.Object.(type) {
	case *appsv1.Deployment:
		held := *object
		held.Spec.Paused = true
		o.Object = &held
	case *batchv1.CronJob:
		held := *object
		held.Spec.Suspend = ptr.To(true)
		o.Object = &held
	}
	return o
}
