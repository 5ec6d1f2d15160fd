// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// quotaName is what the quota and the limit range are called.
const quotaName = "stack"

// MakeResourceQuota makes the wall that no hand-made pod gets past. It allows
// what the class allows, not what the stack asks for just now: a push that asks
// for less would otherwise find its old pods over quota, and never roll.
func MakeResourceQuota(s *stack.Stack) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
		ObjectMeta: makeMeta(s, whole, quotaName),
		Spec:       corev1.ResourceQuotaSpec{Hard: quota(s)},
	}
}

func quota(s *stack.Stack) corev1.ResourceList {
	cpu, memory, storage, pods := s.Limits()
	cpu.Add(s.Reserved.Surge[corev1.ResourceCPU])
	memory.Add(s.Reserved.Surge[corev1.ResourceMemory])
	hard := corev1.ResourceList{
		corev1.ResourceLimitsCPU:              cpu,
		corev1.ResourceLimitsMemory:           memory,
		corev1.ResourceRequestsStorage:        storage,
		corev1.ResourcePods:                   count(int64(pods) + int64(len(s.Services))),
		corev1.ResourceServicesLoadBalancers:  count(0),
		corev1.ResourceServicesNodePorts:      count(0),
		corev1.ResourcePersistentVolumeClaims: count(int64(len(s.Volumes))),
	}
	// A StatefulSet of a blueprint makes claims whose number is its own
	// affair; their size is still bounded.
	if len(s.Manifests) > 0 {
		delete(hard, corev1.ResourcePersistentVolumeClaims)
	}
	return hard
}

func count(n int64) resource.Quantity { return *resource.NewQuantity(n, resource.DecimalSI) }
