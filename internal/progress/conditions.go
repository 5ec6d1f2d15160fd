// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
)

// maxListed bounds the findings in one message.
const maxListed = 5

// onItsWay is the message while time helps, the same all the way: Crossplane
// writes conditions apart from the rest of the status, and each write of a
// composite wakes it again and counts against its circuit breaker.
const onItsWay = "not everything is ready yet; status.detail says what comes next"

// conditions of an admitted stack. All are always there: one that is left out
// keeps the value it last had.
func conditions(in Input, findings []finding) []metav1.Condition {
	var data, workloads []finding
	hasData := false
	for _, o := range in.Decision.Desired {
		hasData = hasData || o.Role == expand.RoleData
	}
	for _, f := range findings {
		switch f.role {
		case expand.RoleData:
			hasData = true
			data = append(data, f)
		case expand.RoleNamespace:
			data, workloads = append(data, f), append(workloads, f)
		default:
			workloads = append(workloads, f)
		}
	}
	dataReady := summary(v1alpha1.ConditionDataReady, data)
	if !hasData {
		dataReady = metav1.Condition{
			Type: v1alpha1.ConditionDataReady, Status: metav1.ConditionTrue,
			Reason: v1alpha1.ReasonNothingToDo, Message: "the stack has no databases, volumes or secrets",
		}
	}
	workloadsReady := summary(v1alpha1.ConditionWorkloadsReady, workloads)
	if in.Decision.Asleep && workloadsReady.Status == metav1.ConditionTrue {
		// As it is wanted: what waits for the stack to be Ready has not to wait
		// for somebody to open it.
		workloadsReady.Reason = v1alpha1.ReasonAsleep
	}
	return []metav1.Condition{admitted(in), dataReady, workloadsReady}
}

func admitted(in Input) metav1.Condition {
	if problems := in.Decision.Immutable; len(problems) > 0 {
		return metav1.Condition{
			Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionFalse,
			Reason: problems.Reason(), Message: problems.Error(),
		}
	}
	return metav1.Condition{Type: v1alpha1.ConditionAdmitted, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAdmitted}
}

// summary is true without findings; else it has the first one's reason.
func summary(conditionType string, findings []finding) metav1.Condition {
	if len(findings) == 0 {
		return metav1.Condition{Type: conditionType, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady}
	}
	message := trouble(findings)
	if message == "" {
		message = onItsWay
	}
	return metav1.Condition{
		Type: conditionType, Status: metav1.ConditionFalse,
		Reason: findings[0].reason, Message: message,
	}
}

// trouble lists what time alone may not mend, a line for each.
func trouble(findings []finding) string {
	var lines []string
	for _, f := range findings {
		if f.weight == failing || f.weight == troubled {
			lines = append(lines, f.String())
		}
	}
	if more := len(lines) - maxListed; more > 0 {
		lines = append(lines[:maxListed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// nameOf an object; empty if it has none.
func nameOf(o expand.Object) string {
	m, err := meta.Accessor(o.Object)
	if err != nil {
		return ""
	}
	return m.GetName()
}
