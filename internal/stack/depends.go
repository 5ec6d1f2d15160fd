// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"slices"
	"strings"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

func joined(list []string) string { return strings.Join(list, ", ") }

// dependencies resolves every dependsOn, refuses cycles, and finds the
// services that PreDeploy jobs need.
func (r *resolver) dependencies() {
	edges := map[string][]string{}
	for i := range r.stack.Services {
		s := &r.stack.Services[i]
		s.DependsOn = r.dependsOn("spec.services."+s.Name, r.merged.Services[s.Name].DependsOn)
		edges[s.Name] = targets(s.DependsOn)
	}
	for i := range r.stack.Jobs {
		j := &r.stack.Jobs[i]
		j.DependsOn = r.dependsOn("spec.jobs."+j.Name, r.merged.Jobs[j.Name].DependsOn)
		edges[j.Name] = targets(j.DependsOn)
	}
	if cycle := findCycle(edges); cycle != nil {
		r.problem("dependsOn", "goes round in a circle: %s; remove one of these dependencies", strings.Join(cycle, " -> "))
		return
	}
	r.beforeJobs(edges)
	r.phases()
}

func targets(deps []Dependency) []string {
	out := make([]string, 0, len(deps))
	for _, d := range deps {
		out = append(out, d.Part.Name)
	}
	return out
}

func (r *resolver) dependsOn(field string, deps map[string]v1alpha1.Dependency) []Dependency {
	var out []Dependency
	for _, name := range sortedKeys(deps) {
		at := field + ".dependsOn." + name
		kind, ok := r.partKind(name)
		if !ok {
			r.problem(at, "names a part that does not exist: %s", known("the stack has", r.partList()))
			continue
		}
		out = append(out, Dependency{Part: Part{Kind: kind, Name: name}, Condition: r.dependencyCondition(at, name, kind, deps[name].Condition)})
	}
	return out
}

func (r *resolver) dependencyCondition(field, name string, kind PartKind, asked v1alpha1.DependencyCondition) v1alpha1.DependencyCondition {
	if kind != PartJob {
		if asked == v1alpha1.DependencyCompleted {
			r.problem(field+".condition", "is \"Completed\", but %s %s keeps running: write Ready", kind, name)
		}
		return v1alpha1.DependencyReady
	}
	if asked == v1alpha1.DependencyReady {
		r.problem(field+".condition", "is \"Ready\", but %s is a job, which ends: write Completed", name)
	}
	if r.merged.Jobs[name].Schedule != "" {
		r.problem(field, "waits for job %s, which runs on a schedule and is never done: depend on a job with a phase", name)
	}
	return v1alpha1.DependencyCompleted
}

func (r *resolver) partKind(name string) (PartKind, bool) {
	if _, ok := r.merged.Services[name]; ok {
		return PartService, true
	}
	if _, ok := r.merged.Databases[name]; ok {
		return PartDatabase, true
	}
	if _, ok := r.merged.Mocks[name]; ok {
		return PartMock, true
	}
	_, ok := r.merged.Jobs[name]
	return PartJob, ok
}

func (r *resolver) partList() []string {
	all := slices.Concat(sortedKeys(r.merged.Services), sortedKeys(r.merged.Databases), sortedKeys(r.merged.Mocks), sortedKeys(r.merged.Jobs))
	slices.Sort(all)
	return slices.Compact(all)
}

// findCycle gives the names along one cycle, first and last the same, or nil.
func findCycle(edges map[string][]string) []string {
	const (
		onPath = 1
		done   = 2
	)
	state := map[string]int{}
	var path []string
	var visit func(string) []string
	visit = func(name string) []string {
		state[name] = onPath
		path = append(path, name)
		for _, next := range edges[name] {
			switch state[next] {
			case onPath:
				return append(slices.Clone(path[slices.Index(path, next):]), next)
			case done:
			default:
				if cycle := visit(next); cycle != nil {
					return cycle
				}
			}
		}
		state[name] = done
		path = path[:len(path)-1]
		return nil
	}
	for _, name := range sortedKeys(edges) {
		if state[name] == done {
			continue
		}
		if cycle := visit(name); cycle != nil {
			return cycle
		}
	}
	return nil
}

// beforeJobs marks the services that a PreDeploy job waits for.
func (r *resolver) beforeJobs(edges map[string][]string) {
	needed := map[string]bool{}
	var mark func(string)
	mark = func(name string) {
		for _, next := range edges[name] {
			if !needed[next] {
				needed[next] = true
				mark(next)
			}
		}
	}
	for _, j := range r.stack.Jobs {
		if j.Phase == v1alpha1.JobPreDeploy {
			mark(j.Name)
		}
	}
	for i := range r.stack.Services {
		r.stack.Services[i].BeforeJobs = needed[r.stack.Services[i].Name]
	}
}

// phases refuses waiting for a job that runs only after the one who waits.
func (r *resolver) phases() {
	phase := map[string]v1alpha1.JobPhase{}
	for _, j := range r.stack.Jobs {
		phase[j.Name] = j.Phase
	}
	refuse := func(field string, deps []Dependency) {
		for _, d := range deps {
			if phase[d.Part.Name] == v1alpha1.JobPostDeploy {
				r.problem(field+".dependsOn."+d.Part.Name, "waits for a PostDeploy job, which runs after all services are ready: make %s a PreDeploy job", d.Part.Name)
			}
		}
	}
	for _, s := range r.stack.Services {
		refuse("spec.services."+s.Name, s.DependsOn)
	}
	for _, j := range r.stack.Jobs {
		if j.Phase == v1alpha1.JobPreDeploy {
			refuse("spec.jobs."+j.Name, j.DependsOn)
		}
	}
}
