// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// steps are what a part does while it comes up, in one word for all of it.
var steps = map[expand.Role]string{
	expand.RoleData:     "is being made",
	expand.RolePreJob:   "is running",
	expand.RoleWorkload: "is starting",
	expand.RoleManifest: "is starting",
	expand.RoleRoute:    "is being exposed",
	expand.RoleCronJob:  "is being scheduled",
	expand.RolePostJob:  "is running",
}

// coarsen tells of a new stack its steps, and not the states of each object on
// the way. Each write of a status counts twice against Crossplane's circuit
// breaker, and a dozen of them within seconds, on top of what Kubernetes itself
// reports of the objects, opened it: the push that followed went unheard.
func coarsen(findings []finding) []finding {
	coarse := make([]finding, 0, len(findings))
	for _, f := range findings {
		switch {
		case f.weight == progressing && (f.role == expand.RoleNamespace || f.role == expand.RoleBase):
			f.key, f.part = gate.NamespaceKey, stack.Part{Kind: stack.PartStack}
			f.role, f.reason, f.detail = expand.RoleNamespace, v1alpha1.ReasonNamespaceNotReady, "is being prepared"
		case f.weight == progressing:
			f.state, f.reason, f.detail, f.standalone = v1alpha1.PartProgressing, v1alpha1.ReasonWaiting, steps[f.role], false
		case f.weight == held && f.on == (stack.Part{}):
			f.reason, f.detail = v1alpha1.ReasonWaiting, "waits for the namespace"
		}
		coarse = append(coarse, f)
	}
	return coarse
}
