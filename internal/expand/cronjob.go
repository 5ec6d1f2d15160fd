// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// MakeCronJob makes the schedule of a job. Its runs carry the job's labels too,
// so that people find their logs.
func MakeCronJob(s *stack.Stack, j stack.Job) *batchv1.CronJob {
	part := stack.Part{Kind: stack.PartJob, Name: j.Name}
	return &batchv1.CronJob{
		TypeMeta:   metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: "CronJob"},
		ObjectMeta: makeMeta(s, part, j.Name),
		Spec: batchv1.CronJobSpec{
			Schedule:                   j.Schedule,
			TimeZone:                   ptr.To("Etc/UTC"),
			ConcurrencyPolicy:          batchv1.ForbidConcurrent,
			SuccessfulJobsHistoryLimit: ptr.To(int32(1)),
			FailedJobsHistoryLimit:     ptr.To(int32(1)),
			JobTemplate: batchv1.JobTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: partLabels(s, part)},
				Spec:       makeJobSpec(s, j),
			},
		},
	}
}
