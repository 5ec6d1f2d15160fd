// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// teamRole is the ClusterRole that the RBAC add-on ships: read, logs, exec and
// port-forward. Stacks compose bindings to it, and never roles.
const teamRole = "microstaging:preview-team"

// MakeRoleBinding lets the class's groups into the namespace.
func MakeRoleBinding(s *stack.Stack) *rbacv1.RoleBinding {
	groups := slices.Sorted(slices.Values(s.Class.Access.Groups))
	subjects := make([]rbacv1.Subject, 0, len(groups))
	for _, group := range groups {
		subjects = append(subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: group})
	}
	return &rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: makeMeta(s, whole, "preview-team"),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: teamRole},
		Subjects:   subjects,
	}
}
