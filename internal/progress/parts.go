// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// parts fills in the state of each part.
func parts(status *v1alpha1.PreviewStackStatus, in Input, findings []finding) {
	s, asleep := in.Stack, resting(in.Decision)
	state := func(kind stack.PartKind, name string) v1alpha1.PartStatus {
		part := stack.Part{Kind: kind, Name: name}
		if rests, ok := asleep[part]; ok {
			return rests
		}
		return stateOf(part, findings)
	}
	for _, svc := range s.Services {
		put(&status.Services, svc.Name, state(stack.PartService, svc.Name), svc.Image)
	}
	for _, db := range s.Databases {
		put(&status.Databases, db.Name, state(stack.PartDatabase, db.Name), "")
	}
	for _, m := range s.Mocks {
		put(&status.Mocks, m.Name, state(stack.PartMock, m.Name), m.Image)
	}
	for _, j := range s.Jobs {
		put(&status.Jobs, j.Name, state(stack.PartJob, j.Name), j.Image)
	}
	for _, v := range s.Volumes {
		put(&status.Volumes, v.Name, state(stack.PartVolume, v.Name), "")
	}
}

func put(to *map[string]v1alpha1.PartStatus, name string, p v1alpha1.PartStatus, image string) {
	if *to == nil {
		*to = map[string]v1alpha1.PartStatus{}
	}
	p.Image = image
	(*to)[name] = p
}

// stateOf is the first finding of a part, or Ready. What a part merely brings
// along, its Service or files, says nothing about it.
func stateOf(part stack.Part, findings []finding) v1alpha1.PartStatus {
	for _, f := range findings {
		if f.part == part && f.role != expand.RoleBase {
			return v1alpha1.PartStatus{State: f.state, Detail: f.detail}
		}
	}
	return v1alpha1.PartStatus{State: v1alpha1.PartReady}
}
