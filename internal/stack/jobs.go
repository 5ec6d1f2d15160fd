// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"github.com/robfig/cron/v3"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	defaultJobTimeout = 600 // seconds
	defaultJobRetries = 1
)

func (r *resolver) jobs() {
	for _, name := range sortedKeys(r.merged.Jobs) {
		spec := r.merged.Jobs[name]
		field := "spec.jobs." + name
		j := Job{
			Name:           name,
			Container:      r.container(field, spec.Container),
			Schedule:       r.schedule(field, spec),
			TimeoutSeconds: defaultJobTimeout,
			Retries:        deref(spec.Retries, defaultJobRetries),
		}
		if spec.Schedule == "" {
			j.Phase = orDefault(spec.Phase, v1alpha1.JobPreDeploy)
			j.Run = orDefault(spec.Run, v1alpha1.JobEachRevision)
		}
		if d := r.duration(field+".timeout", spec.Timeout); d > 0 {
			j.TimeoutSeconds = int64(d.Seconds())
		}
		r.stack.Jobs = append(r.stack.Jobs, j)
	}
}

func (r *resolver) schedule(field string, spec v1alpha1.Job) string {
	if spec.Schedule == "" {
		return ""
	}
	if spec.Phase != "" || spec.Run != "" {
		r.problem(field+".schedule", "is %q, but claim or blueprint set phase or run too: a job runs in a phase or on a schedule; give one of them another name", spec.Schedule)
	}
	if _, err := cron.ParseStandard(spec.Schedule); err != nil {
		r.problem(field+".schedule", "is %q, which cron does not understand (%s): write minute hour day month weekday, for example \"*/15 * * * *\"", spec.Schedule, shorten(err.Error(), 100))
	}
	return spec.Schedule
}
