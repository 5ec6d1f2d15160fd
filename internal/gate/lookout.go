// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A lookout has looked at all objects of a stack once, and answers what the
// decisions about each of them ask.
type lookout struct {
	stack   *stack.Stack
	world   World
	objects []expand.Object // Stamped.
	seen    map[string]sighting
	health  map[string]health.Result
	// byPart are the objects that make a part ready: a service's Deployment
	// and not its files.
	byPart map[stack.Part][]expand.Object
	// needs are the databases and secrets that a part's containers refer to.
	needs map[stack.Part][]stack.Part
}

func look(s *stack.Stack, objects []expand.Object, w World) *lookout {
	l := &lookout{
		stack:   s,
		world:   w,
		objects: make([]expand.Object, 0, len(objects)),
		seen:    make(map[string]sighting, len(objects)),
		health:  make(map[string]health.Result, len(objects)),
		byPart:  map[stack.Part][]expand.Object{},
		needs:   references(s),
	}
	unused := unusedVolumes(s, w.Asleep)
	for _, o := range objects {
		stamped, hash := stamp(o)
		l.objects = append(l.objects, stamped)
		if o.Role != expand.RoleBase {
			l.byPart[o.Part] = append(l.byPart[o.Part], o)
		}
		observed, ok := w.Observed(o.Key)
		if !ok {
			continue
		}
		result := health.Judge(observed, health.Options{Unused: unused[o.Part]})
		seen := see(observed, hash)
		if o.Role == expand.RoleWorkload && seen.rollsOut() && result.Ready() {
			result = health.Result{
				State: v1alpha1.PartProgressing, Reason: v1alpha1.ReasonWaiting, Detail: "has a change that is not applied yet",
			}
		}
		l.seen[o.Key], l.health[o.Key] = seen, l.rested(o, seen, result)
	}
	return l
}

// references lists what the containers of each service and job refer to.
func references(s *stack.Stack) map[stack.Part][]stack.Part {
	needs := map[stack.Part][]stack.Part{}
	note := func(part stack.Part, c stack.Container) {
		for _, name := range c.Databases {
			needs[part] = append(needs[part], stack.Part{Kind: stack.PartDatabase, Name: name})
		}
		for _, name := range c.Secrets {
			needs[part] = append(needs[part], stack.Part{Kind: stack.PartSecret, Name: name})
		}
	}
	for _, svc := range s.Services {
		note(stack.Part{Kind: stack.PartService, Name: svc.Name}, svc.Container)
	}
	for _, j := range s.Jobs {
		note(stack.Part{Kind: stack.PartJob, Name: j.Name}, j.Container)
	}
	return needs
}

// unusedVolumes are those that no pod need ever have mounted: only a scheduled
// job, or a service without replicas, would do it, or the stack is asleep.
func unusedVolumes(s *stack.Stack, asleep bool) map[stack.Part]bool {
	unused := map[stack.Part]bool{}
	for _, v := range s.Volumes {
		unused[stack.Part{Kind: stack.PartVolume, Name: v.Name}] = true
	}
	if asleep {
		return unused
	}
	use := func(mounts []stack.Mount) {
		for _, m := range mounts {
			delete(unused, stack.Part{Kind: stack.PartVolume, Name: m.Volume})
		}
	}
	for _, svc := range s.Services {
		if svc.Replicas > 0 {
			use(svc.Mounts)
		}
	}
	for _, j := range s.Jobs {
		if j.Schedule == "" {
			use(j.Mounts)
		}
	}
	return unused
}
