// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import "fmt"

// statefulSet is ready when all its pods run the current revision and are
// available.
func statefulSet(o Observed, _ Options) Result {
	var s struct {
		Spec struct {
			Replicas *int32 `json:"replicas"`
		} `json:"spec"`
		Status struct {
			ObservedGeneration int64  `json:"observedGeneration"`
			UpdatedReplicas    int32  `json:"updatedReplicas"`
			AvailableReplicas  int32  `json:"availableReplicas"`
			CurrentRevision    string `json:"currentRevision"`
			UpdateRevision     string `json:"updateRevision"`
		} `json:"status"`
	}
	if err := o.Decode(&s, "spec.replicas", "status"); err != nil {
		return unreadable(err)
	}
	want := replicas(s.Spec.Replicas)
	switch {
	case s.Status.ObservedGeneration < o.Generation():
		return waiting("has a change that is not picked up yet")
	case s.Status.CurrentRevision != s.Status.UpdateRevision && s.Status.UpdatedReplicas < want:
		return waiting(fmt.Sprintf("has %d of %d pods of its new revision", s.Status.UpdatedReplicas, want))
	case s.Status.AvailableReplicas < want:
		return waiting(fmt.Sprintf("has %d of %d pods ready", s.Status.AvailableReplicas, want))
	}
	return ready(o.CreatedAt())
}
