// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

var (
	// nodesTried is how the scheduler begins. The number of nodes moves with
	// every autoscaling, and says nothing.
	nodesTried  = regexp.MustCompile(`^\d+/\d+ nodes are available: `)
	claimAbsent = regexp.MustCompile(`persistentvolumeclaim "([^"]+)" (not found|is being deleted)`)
)

// unscheduled says why no node takes the pod.
func (p *Pod) unscheduled() (Diagnosis, bool) {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return unschedulable(c.Message), true
		}
	}
	return Diagnosis{}, false
}

func unschedulable(message string) Diagnosis {
	message = nodesTried.ReplaceAllString(Line(message), "")
	// What preemption could not do either is of no use to a developer.
	message, _, _ = strings.Cut(message, " preemption: ")
	message, _, _ = strings.Cut(message, " no new claims to deallocate")
	message = strings.TrimSuffix(message, ".")
	if m := claimAbsent.FindStringSubmatch(message); m != nil {
		return Diagnosis{Reason: v1alpha1.ReasonWaiting, Detail: "volume " + m[1] + " " + m[2], rank: rankSchedule}
	}
	if strings.Contains(message, "unbound immediate PersistentVolumeClaims") {
		return Diagnosis{Reason: v1alpha1.ReasonWaiting, Detail: "a volume of it is not bound yet", rank: rankSchedule}
	}
	detail := "no node takes its pod"
	if message != "" {
		detail = Bound(detail + ": " + message)
	}
	return Diagnosis{Reason: v1alpha1.ReasonUnschedulable, Detail: detail, rank: rankSchedule}
}
