// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// volumeClaim is ready when it is bound and as large as asked for. One that
// nothing mounts is ready while it is pending, too: many storage classes make
// the volume for the first pod that needs it (WaitForFirstConsumer).
func volumeClaim(o Observed, opts Options) Result {
	var c struct {
		Spec struct {
			Resources corev1.VolumeResourceRequirements `json:"resources"`
		} `json:"spec"`
		Status corev1.PersistentVolumeClaimStatus `json:"status"`
	}
	if err := o.Decode(&c, "spec.resources", "status.phase", "status.capacity", "status.conditions"); err != nil {
		return unreadable(err)
	}
	switch c.Status.Phase {
	case corev1.ClaimLost:
		return failed(v1alpha1.ReasonWaiting, "has lost the volume that it was bound to")
	case corev1.ClaimBound:
		asked, has := c.Spec.Resources.Requests[corev1.ResourceStorage], c.Status.Capacity[corev1.ResourceStorage]
		if has.Cmp(asked) >= 0 {
			return ready(o.CreatedAt())
		}
		return waiting(resizing(asked.String(), c.Status.Conditions))
	}
	if !opts.Unused {
		return waiting("is not bound to a volume yet")
	}
	r := ready(o.CreatedAt())
	r.Detail = "is bound when a pod first mounts it"
	return r
}

func resizing(size string, conditions []corev1.PersistentVolumeClaimCondition) string {
	for _, c := range conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case corev1.PersistentVolumeClaimControllerResizeError, corev1.PersistentVolumeClaimNodeResizeError:
			return Bound(fmt.Sprintf("cannot be resized to %s: %s", size, Line(c.Message)))
		}
	}
	return fmt.Sprintf("is being resized to %s", size)
}
