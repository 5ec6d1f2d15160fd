// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/cost"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/sleep"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// An Input is what a report is made of.
type Input struct {
	Stack    *stack.Stack
	Decision gate.Decision
	// Diagnoses of the stack's pods; nil while they were not asked for.
	Diagnoses map[stack.Part]health.Diagnosis
	// Previous status, as observed.
	Previous v1alpha1.PreviewStackStatus
	// CreatedAt is when the composite was created.
	CreatedAt time.Time
	// Sleep is whether the stack is to sleep, and why.
	Sleep sleep.Decision
	// NoScaler are the CustomResourceDefinitions that the cluster lacks for
	// stacks to sleep for lack of traffic.
	NoScaler []string
	// Waking: the stack slept a moment ago, so that it wakes is told, and not
	// each object's states.
	Waking bool
	// Young: the stack comes up for the first time, so its steps are told, and
	// not each object's states.
	Young bool
}

// A Report is how a stack stands.
type Report struct {
	// Status without conditions.
	Status v1alpha1.PreviewStackStatus
	// Conditions Admitted, DataReady and WorkloadsReady, without times.
	Conditions []metav1.Condition
	// Converged: nothing is under way, so that there is no need to look again
	// soon. A stack that failed for good has converged, too.
	Converged bool
	// Moving: something starts or ends within seconds, as nothing is known to
	// keep it from that.
	Moving bool
}

// NeedsPods tells whether something is not ready that its pods can explain. To
// the patient, that is only what failed: the rest may just take its time.
func NeedsPods(d gate.Decision, patient bool) bool {
	return !d.Asleep && slices.ContainsFunc(d.Desired, func(o expand.Object) bool {
		if o.Role != expand.RoleWorkload && o.Role != expand.RolePreJob && o.Role != expand.RolePostJob {
			return false
		}
		r := d.Health[o.Key]
		return r.Failed() || (!patient && r.State != "" && !r.Ready())
	})
}

// Make reports on a stack that is admitted.
func Make(in Input) Report {
	findings := find(in.Decision, in.Diagnoses)
	switch {
	case in.Waking:
		findings = wakeUp(findings)
	case in.Young:
		findings = coarsen(findings)
	}
	status := identity(in)
	status.Phase = phase(in, findings)
	status.Detail = detail(in, findings)
	status.Timings = timings(in, len(findings) == 0 && !in.Decision.Asleep)
	status.Revision = revision(in, findings)
	status.Sleep = sleepStatus(in)
	parts(&status, in, findings)
	stopping := in.Decision.Asleep && !in.Decision.Stopped
	return Report{
		Status:     status,
		Conditions: conditions(in, findings),
		Converged:  converged(findings) && !stopping,
		Moving:     moving(findings) || stopping,
	}
}

// Refuse reports on a stack that is not admitted. Of one that is live, nothing
// else is news: all that it had is kept.
func Refuse(problems stack.Problems, previous v1alpha1.PreviewStackStatus, createdAt time.Time, live bool) Report {
	status := *previous.DeepCopy()
	status.Conditions = nil
	status.Detail = cut(problems.Error(), maxDetail)
	status.Timings.CreatedAt = stamp(createdAt, previous.Timings.CreatedAt)
	list := []metav1.Condition{{
		Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionFalse, Reason: problems.Reason(), Message: problems.Error(),
	}}
	if !live {
		status.Phase = v1alpha1.PhaseFailed
	}
	for _, t := range []string{v1alpha1.ConditionDataReady, v1alpha1.ConditionWorkloadsReady} {
		list = append(list, refused(t, previous, live))
	}
	// Looking again costs little while there is nothing to apply.
	return Report{Status: status, Conditions: list, Converged: live}
}

func refused(conditionType string, previous v1alpha1.PreviewStackStatus, live bool) metav1.Condition {
	if was := meta.FindStatusCondition(previous.Conditions, conditionType); live && was != nil {
		return metav1.Condition{Type: was.Type, Status: was.Status, Reason: was.Reason, Message: was.Message}
	}
	return metav1.Condition{
		Type: conditionType, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonNotAdmitted,
		Message: "nothing is started until the stack is admitted",
	}
}

func phase(in Input, findings []finding) v1alpha1.Phase {
	switch {
	case len(findings) == 0 && in.Decision.Asleep:
		return sleepPhase(in)
	case len(findings) == 0:
		return v1alpha1.PhaseReady
	case findings[0].weight == failing:
		return v1alpha1.PhaseFailed
	}
	return v1alpha1.PhaseProvisioning
}

// converged: what failed stays so, and what is held back waits for that.
func converged(findings []finding) bool {
	for _, f := range findings {
		if f.weight == failing || f.weight == held || f.reason == v1alpha1.ReasonMissingKind {
			continue
		}
		return false
	}
	return true
}

func moving(findings []finding) bool {
	return slices.ContainsFunc(findings, func(f finding) bool { return f.weight == progressing })
}

// maxDetail fits one line of a terminal beside the other columns.
const maxDetail = 160

// detail is the one thing that is most useful to know.
func detail(in Input, findings []finding) string {
	switch {
	case len(findings) == 0 && len(in.Decision.Immutable) > 0:
		return cut(in.Decision.Immutable.Error(), maxDetail)
	case len(findings) == 0 && len(in.Sleep.Ignored) > 0:
		return cut(in.Sleep.Ignored[0], maxDetail)
	case len(findings) == 0:
		return sleepDetail(in)
	}
	first, serving := findings[0], meanwhile(in, findings[0])
	return cut(first.String(), maxDetail-len(serving)) + serving
}

// meanwhile says what runs while a new revision fails, unless the finding does.
func meanwhile(in Input, f finding) string {
	was := in.Previous.Revision
	said := f.reason == v1alpha1.ReasonRolloutStalled
	if was == "" || was == in.Stack.Source.Revision || f.weight != failing || said {
		return ""
	}
	return "; revision " + short(was) + " keeps running"
}

// short is a revision as people write it.
func short(revision string) string {
	const enough = 7
	if len(revision) <= enough {
		return revision
	}
	return revision[:enough]
}

func cut(text string, limit int) string {
	text = health.Line(text)
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// revision that all services run. One that is asleep runs none, and what it is
// given meanwhile shows when it wakes.
func revision(in Input, findings []finding) string {
	if in.Decision.Asleep {
		return in.Previous.Revision
	}
	for _, f := range findings {
		if f.role == expand.RoleWorkload || f.role == expand.RolePreJob || f.role == expand.RoleNamespace {
			return in.Previous.Revision
		}
	}
	return in.Stack.Source.Revision
}

// identity is what does not depend on how far the stack is.
func identity(in Input) v1alpha1.PreviewStackStatus {
	s := in.Stack
	status := v1alpha1.PreviewStackStatus{
		Namespace: s.Namespace,
		Class:     s.ClassName,
		Notes:     s.Notes,
		Blueprint: s.Blueprint,
		Target:    in.Previous.Target,
		Links:     links(s),
		Cost:      cost.Hourly(s.Class.Prices, reserved(in)),
	}
	if status.Target == nil {
		status.Target = s.Target.DeepCopy()
	}
	for _, r := range s.Routes {
		if status.URLs == nil {
			status.URLs = map[string]string{}
		}
		status.URLs[r.Name] = r.URL
		if r.Primary {
			status.URL = r.URL
		}
	}
	return status
}

// reserved is what the stack keeps the cluster from giving to others: no more
// than its volumes and databases while it is asleep.
func reserved(in Input) stack.Reserved {
	r := in.Stack.Reserved
	if in.Decision.Stopped {
		r.Requests = nil
	}
	return r
}

func links(s *stack.Stack) map[string]string {
	if len(s.Class.Links) == 0 {
		return nil
	}
	fill := strings.NewReplacer(
		"{namespace}", s.Namespace, "{claim}", s.Identity.ClaimName, "{revision}", s.Source.Revision)
	out := make(map[string]string, len(s.Class.Links))
	for title, template := range s.Class.Links {
		out[title] = fill.Replace(string(template))
	}
	return out
}

func timings(in Input, isReady bool) v1alpha1.Timings {
	was := in.Previous.Timings
	t := v1alpha1.Timings{
		CreatedAt:   stamp(in.CreatedAt, was.CreatedAt),
		NamespaceAt: stamp(in.Decision.Health[gate.NamespaceKey].Since, was.NamespaceAt),
		ReadyAt:     was.ReadyAt,
	}
	if !isReady || t.ReadyAt != "" {
		return t
	}
	last := time.Time{}
	for _, r := range in.Decision.Health {
		if r.Since.After(last) {
			last = r.Since
		}
	}
	t.ReadyAt = stamp(last, "")
	return t
}

// stamp writes a point in time, unless there was one: the first is kept.
func stamp(t time.Time, was string) string {
	if was != "" || t.IsZero() {
		return was
	}
	return t.UTC().Format(time.RFC3339)
}
