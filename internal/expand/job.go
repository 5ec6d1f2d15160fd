// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"encoding/json"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// jobHashLength is the length of the hash in a run's name and key.
const jobHashLength = 8

func jobs(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, j := range s.Jobs {
		part := stack.Part{Kind: stack.PartJob, Name: j.Name}
		o := Object{Part: part, Role: jobRole(j), DependsOn: j.DependsOn}
		switch {
		case j.Schedule != "":
			o.Key, o.Object = "cronjob-"+j.Name, MakeCronJob(s, j)
		case j.Run == v1alpha1.JobOnce:
			o.Key, o.Object, o.Frozen = "job-"+j.Name, MakeJob(s, j), true
		default:
			run := MakeJob(s, j)
			o.Key, o.Object = "job-"+run.GetName(), run
		}
		objects = append(objects, o)
		objects = append(objects, files(s, part, j.Files)...)
	}
	return objects
}

func jobRole(j stack.Job) Role {
	switch {
	case j.Schedule != "":
		return RoleCronJob
	case j.Phase == v1alpha1.JobPostDeploy:
		return RolePostJob
	}
	return RolePreJob
}

// MakeJob makes one run of a job.
//
// The template of a Job cannot be changed. A run of each revision is therefore
// named by a hash of its template and the revision: a change is another Job. A
// job that runs once keeps its name, or a push that changes no more than its
// image tag would run it again; once there is one, Freeze keeps its template.
// No run is removed after it finished: it would run again.
func MakeJob(s *stack.Stack, j stack.Job) *batchv1.Job {
	spec := makeJobSpec(s, j)
	meta := makeMeta(s, stack.Part{Kind: stack.PartJob, Name: j.Name}, j.Name)
	if j.Run != v1alpha1.JobOnce {
		meta.Name = names.RunName(j.Name, templateHash(spec.Template, s.Source.Revision))
		meta = withRevision(s, meta)
	}
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: "Job"},
		ObjectMeta: meta,
		Spec:       spec,
	}
}

func makeJobSpec(s *stack.Stack, j stack.Job) batchv1.JobSpec {
	template := makePod(s, stack.Part{Kind: stack.PartJob, Name: j.Name}, j.Container)
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	return batchv1.JobSpec{
		BackoffLimit:          ptr.To(j.Retries),
		ActiveDeadlineSeconds: ptr.To(j.TimeoutSeconds),
		Template:              template,
	}
}

// templateHash changes with anything in the template, the files' hash among
// its annotations included.
func templateHash(template corev1.PodTemplateSpec, revision string) string {
	text, err := json.Marshal(template)
	if err != nil {
		// Types of the Kubernetes API always have a JSON form.
		panic(fmt.Sprintf("cannot encode a pod template: %v", err))
	}
	return names.Hash(jobHashLength, string(text), revision)
}
