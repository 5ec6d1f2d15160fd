// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A Pod is what a diagnosis needs of a pod.
type Pod struct {
	Metadata struct {
		Name              string            `json:"name"`
		Labels            map[string]string `json:"labels"`
		CreationTimestamp metav1.Time       `json:"creationTimestamp"`
		DeletionTimestamp *metav1.Time      `json:"deletionTimestamp"`
	} `json:"metadata"`
	Spec struct {
		Containers     []podContainer `json:"containers"`
		InitContainers []podContainer `json:"initContainers"`
	} `json:"spec"`
	Status corev1.PodStatus `json:"status"`
}

type podContainer struct {
	Name      string                      `json:"name"`
	Image     string                      `json:"image"`
	Resources corev1.ResourceRequirements `json:"resources"`
}

// ReadPod reads what a diagnosis needs of an observed pod.
func ReadPod(o Observed) (Pod, error) {
	var p Pod
	err := o.Decode(&p,
		"metadata.name", "metadata.labels", "metadata.creationTimestamp", "metadata.deletionTimestamp",
		"spec.containers", "spec.initContainers",
		"status.phase", "status.reason", "status.message", "status.conditions",
		"status.containerStatuses", "status.initContainerStatuses")
	if err != nil {
		return Pod{}, fmt.Errorf("cannot read pod: %w", err)
	}
	return p, nil
}

// part that the pod belongs to, by its labels.
func (p *Pod) part() stack.Part {
	return stack.Part{
		Kind: stack.PartKind(p.Metadata.Labels[v1alpha1.LabelPart]),
		Name: p.Metadata.Labels[v1alpha1.LabelName],
	}
}

// generation tells the pods of one revision of a Deployment, or of one Job,
// from those of others.
func (p *Pod) generation() string {
	return cmp.Or(p.Metadata.Labels[appsv1.DefaultDeploymentUniqueLabelKey], p.job())
}

func (p *Pod) job() string { return p.Metadata.Labels[batchv1.JobNameLabel] }

// A Diagnosis says what keeps the pods of one part from being ready.
type Diagnosis struct {
	// Reason is one of the API's condition reasons.
	Reason string
	// Detail reads on its own: image r.example.com/shop/api:9f1c2ab cannot be
	// pulled: not found
	Detail string
	// Final: waiting will not help.
	Final bool
	// Job that the pod belongs to, by its object's name; empty if none. A pod
	// of an earlier run can outlive its Job for a moment.
	Job string

	rank rank
}

// A rank orders diagnoses: what its owner must mend comes first, what only
// takes time last.
type rank int

const (
	rankConfig rank = iota + 1
	rankImage
	rankExit
	rankSchedule
	rankStart
)

// Diagnose says for each part what its newest pods wait for or fail of. Parts
// whose pods are fine, or that have none, are left out.
func Diagnose(pods []Pod) map[stack.Part]Diagnosis {
	byPart := map[stack.Part][]Pod{}
	for _, p := range pods {
		if part := p.part(); part.Name != "" && p.Metadata.DeletionTimestamp == nil {
			byPart[part] = append(byPart[part], p)
		}
	}
	found := map[stack.Part]Diagnosis{}
	for part, pods := range byPart {
		if d, ok := worst(part, newest(pods)); ok {
			found[part] = d
		}
	}
	return found
}

// newest keeps the pods of the newest generation: whoever pushes a revision
// wants to know what is wrong with that one. Of a Job it keeps the last try.
func newest(pods []Pod) []Pod {
	last := slices.MaxFunc(pods, byAge)
	if last.job() != "" {
		return []Pod{last}
	}
	return slices.DeleteFunc(pods, func(p Pod) bool { return p.generation() != last.generation() })
}

func byAge(a, b Pod) int {
	return cmp.Or(
		a.Metadata.CreationTimestamp.Compare(b.Metadata.CreationTimestamp.Time),
		cmp.Compare(a.Metadata.Name, b.Metadata.Name))
}

// worst picks the diagnosis with the first rank; of equals, the oldest pod's,
// so that the answer stays the same while more pods join.
func worst(part stack.Part, pods []Pod) (Diagnosis, bool) {
	slices.SortFunc(pods, byAge)
	var found Diagnosis
	for i := range pods {
		d, ok := pods[i].diagnose(part)
		if ok && (found.rank == 0 || d.rank < found.rank) {
			found = d
			found.Job = pods[i].job()
		}
	}
	return found, found.rank != 0
}

func (p *Pod) diagnose(part stack.Part) (Diagnosis, bool) {
	if p.Status.Phase == corev1.PodSucceeded {
		return Diagnosis{}, false
	}
	if d, ok := p.unscheduled(); ok {
		return d, true
	}
	for _, group := range []struct {
		specs    []podContainer
		statuses []corev1.ContainerStatus
	}{
		{p.Spec.InitContainers, p.Status.InitContainerStatuses},
		{p.Spec.Containers, p.Status.ContainerStatuses},
	} {
		for _, s := range group.statuses {
			if t := s.State.Terminated; t != nil && t.ExitCode == 0 && (p.job() != "" || p.Status.Phase != corev1.PodRunning) {
				continue // An init container that is through, or a job's that did its work.
			}
			if d, ok := diagnoseContainer(part, specOf(group.specs, s), s); ok {
				return d, true
			}
		}
	}
	if p.Status.Phase == corev1.PodFailed {
		return Diagnosis{Reason: v1alpha1.ReasonCrashLoop, Detail: Bound(evicted(p.Status)), rank: rankExit}, true
	}
	return p.unready()
}

// specOf finds a container's spec: its status may name the image by digest.
func specOf(specs []podContainer, s corev1.ContainerStatus) podContainer {
	for _, c := range specs {
		if c.Name == s.Name {
			return c
		}
	}
	return podContainer{Name: s.Name, Image: s.Image}
}

// evicted says why a pod ended that has no container to blame.
func evicted(s corev1.PodStatus) string {
	text := "pod was ended"
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	if words := Line(s.Message); words != "" {
		text += ": " + words
	}
	return text
}

// unready is for a pod without anything wrong: it starts, or its check says no.
func (p *Pod) unready() (Diagnosis, bool) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return Diagnosis{}, false
		}
	}
	detail := "pod is starting"
	if p.Status.Phase == corev1.PodRunning {
		detail = "pod runs, but is not healthy yet"
		if p.job() != "" {
			detail = "pod is running"
		}
	}
	return Diagnosis{Reason: v1alpha1.ReasonWaiting, Detail: detail, rank: rankStart}, true
}
