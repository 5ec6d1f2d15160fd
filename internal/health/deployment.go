// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// deadlineExceeded is the reason of a Progressing condition that is false. The
// API has no constant for it.
const deadlineExceeded = "ProgressDeadlineExceeded"

type deploymentView struct {
	Spec struct {
		Replicas *int32 `json:"replicas"`
		Paused   bool   `json:"paused"`
	} `json:"spec"`
	Status struct {
		ObservedGeneration int64 `json:"observedGeneration"`
		Replicas           int32 `json:"replicas"`
		UpdatedReplicas    int32 `json:"updatedReplicas"`
		AvailableReplicas  int32 `json:"availableReplicas"`
		Conditions         []struct {
			Type               appsv1.DeploymentConditionType `json:"type"`
			Status             corev1.ConditionStatus         `json:"status"`
			Reason             string                         `json:"reason"`
			Message            string                         `json:"message"`
			LastUpdateTime     metav1.Time                    `json:"lastUpdateTime"`
			LastTransitionTime metav1.Time                    `json:"lastTransitionTime"`
		} `json:"conditions"`
	} `json:"status"`
}

// deployment is ready when the pods of its current template, and no others,
// run and are available. It follows kubectl rollout status.
func deployment(o Observed, _ Options) Result {
	var d deploymentView
	err := o.Decode(&d, "spec.replicas", "spec.paused",
		"status.observedGeneration", "status.replicas", "status.updatedReplicas", "status.availableReplicas", "status.conditions")
	if err != nil {
		return unreadable(err)
	}
	if d.Status.ObservedGeneration < o.Generation() {
		return waiting("has a change that is not picked up yet")
	}
	if r, ok := d.failure(); ok {
		return r
	}
	return d.progress()
}

// failure says why the roll-out does not go on, if the controller says so.
func (d *deploymentView) failure() (Result, bool) {
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue:
			// Quota, or pod security: pods are refused, so none can say why.
			r := waiting(Bound("has pods that are refused: " + Line(c.Message)))
			r.Reason = v1alpha1.ReasonContainerConfig
			return r, true
		case c.Type == appsv1.DeploymentProgressing && c.Status == corev1.ConditionFalse && c.Reason == deadlineExceeded:
			if d.Status.Replicas > d.Status.UpdatedReplicas {
				return failed(v1alpha1.ReasonRolloutStalled, "does not become ready in its new revision; the old one serves"), true
			}
			return failed(v1alpha1.ReasonRolloutStalled, "does not become ready"), true
		}
	}
	return Result{}, false
}

func (d *deploymentView) progress() Result {
	want := replicas(d.Spec.Replicas)
	s := d.Status
	switch {
	case s.UpdatedReplicas < want && d.Spec.Paused:
		return waiting("keeps its old revision until it may roll out")
	case s.UpdatedReplicas < want:
		return waiting(fmt.Sprintf("has %d of %d pods of its new revision", s.UpdatedReplicas, want))
	case s.Replicas > s.UpdatedReplicas:
		return waiting("is replacing pods of its old revision")
	case s.AvailableReplicas < want:
		return waiting(fmt.Sprintf("has %d of %d pods ready", s.AvailableReplicas, want))
	}
	return ready(d.since())
}

// since is when the last roll-out or outage ended.
func (d *deploymentView) since() time.Time {
	var last time.Time
	for _, c := range d.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case appsv1.DeploymentAvailable:
			last = latest(last, c.LastTransitionTime.Time)
		case appsv1.DeploymentProgressing:
			// Its transition was the start of the first roll-out; the update
			// is the end of the latest.
			last = latest(last, c.LastUpdateTime.Time)
		}
	}
	return last
}

// replicas that a workload asks for; one where it does not say.
func replicas(asked *int32) int32 {
	if asked == nil {
		return 1
	}
	return *asked
}
