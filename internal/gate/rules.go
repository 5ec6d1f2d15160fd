// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A rule says what keeps an object from being created; nil if nothing does.
type rule func(*lookout, expand.Object) *blocker

// rules by role, asked in order: the first that blocks is the reason that
// people see, so what comes first in a stack's life is asked first.
var rules = map[expand.Role][]rule{
	expand.RoleBase:     {(*lookout).namespace, (*lookout).kind},
	expand.RoleData:     {(*lookout).namespace, (*lookout).kind},
	expand.RoleRoute:    {(*lookout).namespace, (*lookout).kind},
	expand.RoleSwitch:   {(*lookout).namespace, (*lookout).kind, (*lookout).triggers},
	expand.RoleManifest: {(*lookout).namespace, (*lookout).kind, (*lookout).walls},
	expand.RolePreJob:   {(*lookout).namespace, (*lookout).kind, (*lookout).awake, (*lookout).walls, (*lookout).files, (*lookout).data, (*lookout).dependencies},
	expand.RoleWorkload: {(*lookout).namespace, (*lookout).kind, (*lookout).awake, (*lookout).walls, (*lookout).files, (*lookout).unfinishedJobs, (*lookout).data, (*lookout).dependencies},
	expand.RoleCronJob:  {(*lookout).namespace, (*lookout).kind, (*lookout).awake, (*lookout).walls, (*lookout).files, (*lookout).unfinishedJobs, (*lookout).data, (*lookout).dependencies},
	expand.RolePostJob:  {(*lookout).namespace, (*lookout).kind, (*lookout).awake, (*lookout).walls, (*lookout).files, (*lookout).unfinishedJobs, (*lookout).workloads, (*lookout).data, (*lookout).dependencies},
}

func (l *lookout) blocked(o expand.Object) *blocker {
	for _, blocks := range rules[o.Role] {
		if b := blocks(l, o); b != nil {
			return b
		}
	}
	return nil
}

// namespace: an apply into a namespace that is not there or that goes away
// fails, and one failing apply keeps all others from being applied.
func (l *lookout) namespace(expand.Object) *blocker {
	if l.health[NamespaceKey].Ready() {
		return nil
	}
	b := &blocker{reason: v1alpha1.ReasonNamespaceNotReady, detail: "waits for the namespace"}
	if detail := l.health[NamespaceKey].Detail; detail != "" {
		b.detail += ", which " + detail
	}
	return b
}

// kind: so does an apply of a kind that the cluster lacks.
func (l *lookout) kind(o expand.Object) *blocker {
	if o.NeedsCRD == "" || l.world.HasKind(o.NeedsCRD) {
		return nil
	}
	return missingKind(o.NeedsCRD)
}

// triggers: KEDA gives up for a while on a scaler that finds its routes missing,
// and the switch is what it is made for.
func (l *lookout) triggers(expand.Object) *blocker {
	for _, o := range l.objects {
		if _, observed := l.seen[o.Key]; observed || o.Way != expand.WayIntercepted || o.Role == expand.RoleSwitch {
			continue
		}
		return &blocker{reason: v1alpha1.ReasonWaiting, detail: "waits for the stack's routes"}
	}
	return nil
}

// walls: no pod runs before quota, limits and network policies are there, not
// even for a moment. It also saves pods from waiting for their files.
func (l *lookout) walls(expand.Object) *blocker {
	for _, o := range l.objects {
		if _, observed := l.seen[o.Key]; observed || o.Role != expand.RoleBase || l.kind(o) != nil {
			continue
		}
		return &blocker{reason: v1alpha1.ReasonWaiting, detail: "waits for the stack's quota, policies and files"}
	}
	return nil
}

// files: a file is mounted as it is when its container starts, and never
// again. A pod that started before its ConfigMap was applied would keep the
// old one, so the ConfigMap is applied in a pass before.
func (l *lookout) files(o expand.Object) *blocker {
	if o.Role == expand.RoleBase {
		return nil
	}
	for _, f := range l.objects {
		if f.Role == expand.RoleBase && f.Part == o.Part && l.seen[f.Key].rollsOut() {
			return &blocker{reason: v1alpha1.ReasonWaiting, detail: "waits for its files"}
		}
	}
	return nil
}

// unfinishedJobs: a revision rolls out when its PreDeploy jobs are through, but
// for what these jobs need themselves.
func (l *lookout) unfinishedJobs(o expand.Object) *blocker {
	if o.BeforeJobs || (o.Role != expand.RoleWorkload && o.Role != expand.RoleCronJob && o.Role != expand.RolePostJob) {
		return nil
	}
	return l.first(expand.RolePreJob)
}

// unprepared says what a new template of an observed workload waits for.
func (l *lookout) unprepared(o expand.Object) *blocker {
	if b := l.unfinishedJobs(o); b != nil {
		return b
	}
	return l.files(o)
}

// workloads: a PostDeploy job sees the revision that it was made for.
func (l *lookout) workloads(expand.Object) *blocker { return l.first(expand.RoleWorkload) }

// first object of a role that is not ready; one that failed goes before one
// that only takes time.
func (l *lookout) first(role expand.Role) *blocker {
	var found *blocker
	for _, o := range l.objects {
		r := l.health[o.Key]
		if o.Role != role || r.Ready() {
			continue
		}
		if r.Failed() {
			return waitsFor(o.Part, r)
		}
		if found == nil {
			found = waitsFor(o.Part, r)
		}
	}
	return found
}

// data: a pod whose secret does not exist yet would start by failing.
func (l *lookout) data(o expand.Object) *blocker {
	for _, part := range l.needs[o.Part] {
		if b := l.part(part); b != nil {
			return b
		}
	}
	return nil
}

// dependencies are waited for before the first start only. Both conditions
// come to the same: a job is ready when it completed.
func (l *lookout) dependencies(o expand.Object) *blocker {
	for _, dep := range o.DependsOn {
		if b := l.part(dep.Part); b != nil {
			return b
		}
	}
	return nil
}

// part blocks until all that makes a part ready is ready.
func (l *lookout) part(part stack.Part) *blocker {
	for _, o := range l.byPart[part] {
		if r := l.health[o.Key]; !r.Ready() {
			return waitsFor(part, r)
		}
	}
	return nil
}
