// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// MakeLimitRange gives containers that we did not make (a blueprint's
// manifests, kubectl debug) the class's defaults: under a quota, a container
// without limits is refused.
func MakeLimitRange(s *stack.Stack) *corev1.LimitRange {
	defaults := s.ContainerDefaults()
	return &corev1.LimitRange{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "LimitRange"},
		ObjectMeta: makeMeta(s, whole, quotaName),
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type:           corev1.LimitTypeContainer,
			Default:        defaults.Limits,
			DefaultRequest: defaults.Requests,
		}}},
	}
}
