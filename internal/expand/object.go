// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// A Role says when in the life of a stack an object is wanted.
type Role string

// Roles, in the order in which they are first wanted.
const (
	// RoleNamespace comes first; all else waits until it is active.
	RoleNamespace Role = "Namespace"
	// RoleBase is what needs nothing but the namespace.
	RoleBase Role = "Base"
	// RoleData is what workloads are given: volumes, databases, secrets.
	RoleData Role = "Data"
	// RolePreJob runs before a revision is rolled out.
	RolePreJob Role = "PreJob"
	// RoleWorkload keeps running.
	RoleWorkload Role = "Workload"
	// RolePostJob runs once all workloads are ready.
	RolePostJob Role = "PostJob"
	// RoleCronJob runs on a schedule.
	RoleCronJob Role = "CronJob"
	// RoleRoute exposes services.
	RoleRoute Role = "Route"
	// RoleManifest is what a blueprint brings.
	RoleManifest Role = "Manifest"
	// RoleSwitch says whether the stack is awake. It comes when all that can turn
	// it on is there.
	RoleSwitch Role = "Switch"
)

// A Way is how requests reach a stack.
type Way string

// Ways.
const (
	// WayDirect: from the gateway.
	WayDirect Way = "Direct"
	// WayIntercepted: through what wakes the stack.
	WayIntercepted Way = "Intercepted"
)

// An Object is one object of a stack and what must be known to place it.
type Object struct {
	// Key is the composed resource's name: stable for the life of the object,
	// and unique within the stack.
	Key string
	// Part of the stack that the object belongs to.
	Part stack.Part
	// Object is typed and complete: TypeMeta, name, namespace, labels.
	Object runtime.Object
	// NeedsCRD names the CustomResourceDefinition of the object's kind. Empty
	// for kinds that every cluster has.
	NeedsCRD string
	Role     Role
	// Way that the object is part of; empty if of all.
	Way Way
	// DependsOn are the parts that come before this one.
	DependsOn []stack.Dependency
	// BeforeJobs: it does not wait for the PreDeploy jobs.
	BeforeJobs bool
	// Frozen: what the API server refuses to change of it must be taken from
	// the observed object, with Freeze, from the moment that there is one.
	Frozen bool
}
