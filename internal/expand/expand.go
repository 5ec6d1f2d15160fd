// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"cmp"
	"slices"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// Expand makes all objects of a stack, sorted by key. Credentials holds the
// version of the credentials behind each database and secret, by the key of
// its object (DatabaseKey, SecretKey); one that is missing or zero is unknown.
// Services that use credentials roll when their version changes.
func Expand(s *stack.Stack, credentials map[string]int64) []Object {
	var all []Object
	for _, expand := range []func(*stack.Stack, map[string]int64) []Object{
		base, policies, services, jobs, mocks, volumes, databases, secrets, routes, interceptorRoutes, sleepers, manifests,
	} {
		all = append(all, expand(s, credentials)...)
	}
	slices.SortFunc(all, func(a, b Object) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// whole is the part of what belongs to the stack as a whole.
var whole = stack.Part{Kind: stack.PartStack}

func base(s *stack.Stack, _ map[string]int64) []Object {
	objects := []Object{
		{Key: "namespace", Part: whole, Role: RoleNamespace, Object: MakeNamespace(s)},
		{Key: "quota", Part: whole, Role: RoleBase, Object: MakeResourceQuota(s)},
		{Key: "limit-range", Part: whole, Role: RoleBase, Object: MakeLimitRange(s)},
		{Key: "service-account", Part: whole, Role: RoleBase, Object: MakeServiceAccount(s)},
	}
	if len(s.Class.Access.Groups) > 0 {
		objects = append(objects, Object{Key: "team-access", Part: whole, Role: RoleBase, Object: MakeRoleBinding(s)})
	}
	return objects
}
