// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// serviceAccountName is the account of all pods of a stack.
const serviceAccountName = "stack"

// MakeServiceAccount makes the account of all pods: it has no rights, and no
// token is mounted. It is not the namespace's default account, which others
// may bind rights to.
func MakeServiceAccount(s *stack.Stack) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:                     metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta:                   makeMeta(s, whole, serviceAccountName),
		AutomountServiceAccountToken: ptr.To(false),
		ImagePullSecrets:             imagePullSecrets(s),
	}
}

func imagePullSecrets(s *stack.Stack) []corev1.LocalObjectReference {
	var refs []corev1.LocalObjectReference
	for _, name := range s.Class.ImagePullSecrets {
		refs = append(refs, corev1.LocalObjectReference{Name: name})
	}
	return refs
}
