// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// Retire reports on a stack that function-ttl has retired. What it was stays,
// so that it comes back as the same: the namespace, the blueprint it is a clone
// of, the cluster it runs in. What it had is gone. Phase and detail are that
// function's, who knows whether something of it is left.
func Retire(previous v1alpha1.PreviewStackStatus) Report {
	return Report{
		Status: v1alpha1.PreviewStackStatus{
			Phase:     previous.Phase,
			Detail:    previous.Detail,
			Namespace: previous.Namespace,
			Class:     previous.Class,
			Notes:     previous.Notes,
			Blueprint: previous.Blueprint,
			Target:    previous.Target,
			Timings:   v1alpha1.Timings{CreatedAt: previous.Timings.CreatedAt},
		},
		Conditions: []metav1.Condition{
			{Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAdmitted},
			retired(v1alpha1.ConditionDataReady),
			retired(v1alpha1.ConditionWorkloadsReady),
		},
		Converged: true,
	}
}

func retired(conditionType string) metav1.Condition {
	return metav1.Condition{
		Type: conditionType, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonExpired,
		Message: "the stack has expired, and nothing of it is wanted",
	}
}
