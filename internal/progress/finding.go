// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"cmp"
	"slices"
	"strings"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A finding is one object that is not as it should be.
type finding struct {
	key  string
	part stack.Part
	// on is the part that a held one waits for; zero if it waits for none.
	on     stack.Part
	role   expand.Role
	weight weight
	stage  int
	state  v1alpha1.PartState
	reason string
	// detail reads on after the part, or stands on its own after a colon.
	detail     string
	standalone bool
}

// A weight says which findings are told first.
type weight int

const (
	// failing: somebody has to act.
	failing weight = iota
	// troubled: it looks as if somebody has to act, but time may help.
	troubled
	// progressing: time helps.
	progressing
	// held: it waits for one of the others.
	held
)

// stages is the order in which roles come about. What comes first blocks what
// comes later, so it is told first.
var stages = map[expand.Role]int{
	expand.RoleNamespace: 0,
	expand.RoleBase:      1,
	expand.RoleData:      2,
	// What PreDeploy jobs need is at 3.
	expand.RolePreJob:   4,
	expand.RoleWorkload: 5,
	expand.RoleManifest: 5,
	expand.RoleRoute:    6,
	expand.RoleCronJob:  7,
	expand.RolePostJob:  8,
}

func stageOf(o expand.Object) int {
	if o.Role == expand.RoleWorkload && o.BeforeJobs {
		return stages[expand.RolePreJob] - 1
	}
	return stages[o.Role]
}

// find lists what is not as it should be, the most useful first.
func find(d gate.Decision, diagnoses map[stack.Part]health.Diagnosis) []finding {
	var findings []finding
	told := map[string]bool{}
	for _, w := range d.Withheld {
		if silent(d, w.Role) {
			continue
		}
		f := finding{key: w.Key, part: w.Part, on: w.On, role: w.Role, stage: stages[w.Role], weight: held, state: v1alpha1.PartPending, reason: w.Reason, detail: w.Detail}
		if w.Reason == v1alpha1.ReasonMissingKind {
			f.weight = troubled
		}
		findings = append(findings, f)
	}
	for _, w := range d.Paused {
		if silent(d, w.Role) {
			continue
		}
		told[w.Key] = true
		meanwhile := "; its old revision keeps running"
		if w.Role == expand.RoleCronJob {
			meanwhile = "; its schedule is suspended until then"
		}
		findings = append(findings, finding{
			key: w.Key, part: w.Part, on: w.On, role: w.Role, stage: stages[w.Role], weight: held, state: v1alpha1.PartProgressing,
			reason: w.Reason, detail: w.Detail + meanwhile,
		})
	}
	for _, w := range d.Waking {
		if !told[w.Key] {
			told[w.Key] = true
			findings = append(findings, finding{
				key: w.Key, part: w.Part, on: w.On, role: w.Role, stage: stages[w.Role], weight: held, state: v1alpha1.PartProgressing,
				reason: w.Reason, detail: w.Detail,
			})
		}
	}
	for _, o := range d.Desired {
		if r := d.Health[o.Key]; !r.Ready() && !told[o.Key] && !silent(d, o.Role) {
			findings = append(findings, unready(o, r, diagnoses))
		}
	}
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(a.stage, b.stage), cmp.Compare(a.key, b.key))
	})
	return findings
}

// unready is an object that is wanted and not ready.
func unready(o expand.Object, r health.Result, diagnoses map[stack.Part]health.Diagnosis) finding {
	f := finding{
		key: o.Key, part: o.Part, role: o.Role, stage: stageOf(o),
		weight: progressing, state: r.State, reason: r.Reason, detail: r.Detail,
	}
	switch {
	case r.State == "":
		f.state, f.reason, f.detail = v1alpha1.PartPending, v1alpha1.ReasonWaiting, "is being created"
	default:
		f.diagnose(o, r, diagnoses)
	}
	if o.Role == expand.RoleNamespace {
		f.reason = v1alpha1.ReasonNamespaceNotReady
	}
	switch {
	case f.state == v1alpha1.PartFailed:
		f.weight = failing
	case f.reason != v1alpha1.ReasonWaiting && f.reason != v1alpha1.ReasonWaking && f.reason != v1alpha1.ReasonNamespaceNotReady:
		f.weight = troubled
	}
	return f
}

// diagnose replaces what the object says by what its pods say: they know why.
func (f *finding) diagnose(o expand.Object, r health.Result, diagnoses map[stack.Part]health.Diagnosis) {
	d, ok := diagnoses[o.Part]
	switch {
	case !ok:
	case o.Role == expand.RolePreJob || o.Role == expand.RolePostJob:
		f.diagnoseJob(o, r, d)
	case o.Role == expand.RoleWorkload:
		f.detail, f.standalone = d.Detail, true
		// A stalled roll-out whose pods only take long stays a stalled one.
		if d.Reason != v1alpha1.ReasonWaiting {
			f.reason = d.Reason
		} else if r.Failed() {
			f.detail, f.standalone = r.Detail, false
		}
		if d.Final {
			f.state = v1alpha1.PartFailed
		}
	}
}

// diagnoseJob adds the last words of a job that failed; of one that runs, it
// tells only what keeps it from running.
func (f *finding) diagnoseJob(o expand.Object, r health.Result, d health.Diagnosis) {
	switch {
	case d.Job != nameOf(o):
	case r.Failed() && d.Reason != v1alpha1.ReasonWaiting:
		f.detail = "failed: " + d.Detail
	case r.Failed():
	case d.Reason == v1alpha1.ReasonCrashLoop:
		f.detail = "is tried again: " + d.Detail
	case d.Reason != v1alpha1.ReasonWaiting:
		f.reason, f.detail, f.standalone = d.Reason, d.Detail, true
		if d.Final {
			f.state = v1alpha1.PartFailed
		}
	}
}

// String is the finding as a sentence: service api waits for database db.
func (f finding) String() string {
	if f.standalone {
		return f.subject() + ": " + f.detail
	}
	return f.subject() + " " + f.detail
}

// subject is the part, or, of what belongs to the stack as a whole, the object.
func (f finding) subject() string {
	if f.part.Kind == stack.PartStack {
		return strings.ReplaceAll(f.key, "-", " ")
	}
	return f.part.String()
}
