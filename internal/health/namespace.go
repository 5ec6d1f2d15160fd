// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// namespace is ready when objects can be made in it.
func namespace(o Observed, _ Options) Result {
	var n struct {
		Status struct {
			Phase corev1.NamespacePhase `json:"phase"`
		} `json:"status"`
	}
	if err := o.Decode(&n, "status.phase"); err != nil {
		return unreadable(err)
	}
	if n.Status.Phase == corev1.NamespaceActive {
		return ready(o.CreatedAt())
	}
	r := waiting("is not active yet")
	if n.Status.Phase == corev1.NamespaceTerminating {
		r.Detail = "is being deleted"
	}
	r.Reason = v1alpha1.ReasonNamespaceNotReady
	return r
}
