// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// Limits of a stack whose class sets none.
const (
	defaultLimitCPU     = "8"
	defaultLimitMemory  = "16Gi"
	defaultLimitStorage = "50Gi"
	defaultLimitPods    = 50
)

// reserved sums up what the stack asks for and holds it against the class:
// over a quota, the API server would refuse single pods half-way through.
func (r *resolver) reserved() {
	sum := Reserved{
		Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}, Surge: corev1.ResourceList{},
		Databases: int32(len(r.stack.Databases)), //nolint:gosec // at most 5, by the API
	}
	for _, s := range r.stack.Services {
		sum.add(s.Resources, s.Replicas)
		sum.surge(s.Resources.Limits)
	}
	for _, m := range r.stack.Mocks {
		sum.add(m.Resources, 1)
	}
	sum.addJobs(r.stack.Jobs)
	for _, v := range r.stack.Volumes {
		sum.Storage.Add(v.Size)
	}
	r.stack.Reserved = sum
	r.withinLimits(sum)
}

func (s *Reserved) add(res corev1.ResourceRequirements, times int32) {
	for range times {
		addTo(s.Requests, res.Requests)
		addTo(s.Limits, res.Limits)
	}
	s.Pods += times
}

// addJobs counts jobs as if all that may run at once did: those of one phase
// may, so may the scheduled ones; the phases follow each other.
func (s *Reserved) addJobs(jobs []Job) {
	byPhase := map[v1alpha1.JobPhase]*Reserved{}
	for _, j := range jobs {
		if byPhase[j.Phase] == nil {
			byPhase[j.Phase] = &Reserved{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
		}
		byPhase[j.Phase].add(j.Resources, 1)
	}
	phases := &Reserved{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	for phase, r := range byPhase {
		if phase == "" {
			s.include(r)
			continue
		}
		raise(phases.Requests, r.Requests)
		raise(phases.Limits, r.Limits)
		phases.Pods = max(phases.Pods, r.Pods)
	}
	s.include(phases)
}

func (s *Reserved) include(other *Reserved) {
	addTo(s.Requests, other.Requests)
	addTo(s.Limits, other.Limits)
	s.Pods += other.Pods
}

// surge is one more pod of every service: a push may roll all of them at once.
func (s *Reserved) surge(limits corev1.ResourceList) { addTo(s.Surge, limits) }

func addTo(sum, more corev1.ResourceList) {
	for k, v := range more {
		total := sum[k]
		total.Add(v)
		sum[k] = total
	}
}

func raise(top, other corev1.ResourceList) {
	for k, v := range other {
		if have, ok := top[k]; !ok || have.Cmp(v) < 0 {
			top[k] = v.DeepCopy()
		}
	}
}

// Limits of the class, completed by the defaults.
func (s *Stack) Limits() (cpu, memory, storage resource.Quantity, pods int32) {
	l := s.Class.Limits
	return deref(l.CPU, resource.MustParse(defaultLimitCPU)),
		deref(l.Memory, resource.MustParse(defaultLimitMemory)),
		deref(l.Storage, resource.MustParse(defaultLimitStorage)),
		deref(l.Pods, int32(defaultLimitPods))
}

func (r *resolver) withinLimits(sum Reserved) {
	cpu, memory, storage, pods := r.stack.Limits()
	over := func(field, what string, asked, limit resource.Quantity, remedy string) {
		if asked.Cmp(limit) > 0 {
			r.refuse(v1alpha1.ReasonOverLimits, field, "add up to %s of %s, but class %q allows %s: %s, or use a class with more room",
				asked.String(), what, r.stack.ClassName, limit.String(), remedy)
		}
	}
	over("spec.services (with jobs and mocks)", "CPU (limits)", sum.Limits[corev1.ResourceCPU], cpu, "lower resources.limits.cpu or replicas")
	over("spec.services (with jobs and mocks)", "memory (limits)", sum.Limits[corev1.ResourceMemory], memory, "lower resources.limits.memory or replicas")
	over("spec.volumes", "storage", sum.Storage, storage, "make volumes smaller")
	if sum.Pods > pods {
		r.refuse(v1alpha1.ReasonOverLimits, "spec.services (with jobs and mocks)", "add up to %d pods, but class %q allows %d: lower replicas, or use a class with more room", sum.Pods, r.stack.ClassName, pods)
	}
}
