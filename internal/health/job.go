// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

type jobView struct {
	Spec struct {
		ActiveDeadlineSeconds *int64 `json:"activeDeadlineSeconds"`
	} `json:"spec"`
	Status struct {
		Active         int32                  `json:"active"`
		Succeeded      int32                  `json:"succeeded"`
		Failed         int32                  `json:"failed"`
		CompletionTime *metav1.Time           `json:"completionTime"`
		Conditions     []batchv1.JobCondition `json:"conditions"`

		// Uncounted pods ended a moment ago.
		Uncounted batchv1.UncountedTerminatedPods `json:"uncountedTerminatedPods"`
	} `json:"status"`
}

// job is ready when it has succeeded. A failed one stays failed: a Job is not
// run again, and a changed one is another Job.
func job(o Observed, _ Options) Result {
	var j jobView
	err := o.Decode(&j, "spec.activeDeadlineSeconds", "status.active", "status.succeeded", "status.failed",
		"status.uncountedTerminatedPods", "status.completionTime", "status.conditions")
	if err != nil {
		return unreadable(err)
	}
	for _, c := range j.Status.Conditions {
		if c.Status != corev1.ConditionTrue {
			continue
		}
		switch c.Type {
		case batchv1.JobComplete:
			return ready(j.completedAt(c.LastTransitionTime.Time))
		case batchv1.JobFailed:
			return failed(v1alpha1.ReasonJobFailed, j.failure(c))
		case batchv1.JobSuspended:
			return waiting("is suspended")
		}
	}
	if j.started() {
		return waiting("is running")
	}
	return waiting("has not started yet")
}

// started is true also between the end of a pod and the job's own, when no pod
// is active.
func (j *jobView) started() bool {
	s := j.Status
	return s.Active+s.Succeeded+s.Failed > 0 || len(s.Uncounted.Succeeded)+len(s.Uncounted.Failed) > 0
}

func (j *jobView) completedAt(otherwise time.Time) time.Time {
	if j.Status.CompletionTime != nil {
		return j.Status.CompletionTime.Time
	}
	return otherwise
}

func (j *jobView) failure(c batchv1.JobCondition) string {
	switch c.Reason {
	case batchv1.JobReasonBackoffLimitExceeded:
		return "failed, and so did its retries"
	case batchv1.JobReasonDeadlineExceeded:
		if j.Spec.ActiveDeadlineSeconds != nil {
			return fmt.Sprintf("was stopped after its timeout of %s", time.Duration(*j.Spec.ActiveDeadlineSeconds)*time.Second)
		}
		return "was stopped after its timeout"
	}
	if c.Message == "" {
		return "failed"
	}
	return Bound("failed: " + Line(c.Message))
}
