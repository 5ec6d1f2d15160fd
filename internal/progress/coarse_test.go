// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func TestCoarsen(t *testing.T) {
	web := stack.Part{Kind: stack.PartService, Name: "web"}
	whole := stack.Part{Kind: stack.PartStack}
	cases := map[string]struct {
		reason string
		in     finding
		want   string
	}{
		"Walls": {
			reason: "which of the walls is being built is nobody's question",
			in:     finding{key: "limit-range", part: whole, role: expand.RoleBase, weight: progressing, detail: "is being created"},
			want:   "namespace is being prepared",
		},
		"NotCreated": {
			reason: "created and not ready yet is one step",
			in:     finding{part: web, role: expand.RoleWorkload, weight: progressing, state: v1alpha1.PartPending, detail: "is being created"},
			want:   "service web is starting",
		},
		"NotReady": {
			reason: "the same step",
			in:     finding{part: web, role: expand.RoleWorkload, weight: progressing, detail: "has 0 of 1 pods ready"},
			want:   "service web is starting",
		},
		"WaitsForWalls": {
			reason: "so are the walls that pods wait for",
			in:     finding{part: web, role: expand.RoleWorkload, weight: held, detail: "waits for the stack's quota, policies and files"},
			want:   "service web waits for the namespace",
		},
		"WaitsForPart": {
			reason: "what a part depends on is what its owner wrote",
			in:     finding{part: web, on: stack.Part{Kind: stack.PartJob, Name: "migrate"}, role: expand.RoleWorkload, weight: held, detail: "waits for job migrate"},
			want:   "service web waits for job migrate",
		},
		"Trouble": {
			reason: "trouble is told at once, in its own words",
			in:     finding{part: web, role: expand.RoleWorkload, weight: troubled, detail: "exited with code 1", standalone: true},
			want:   "service web: exited with code 1",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, coarsen([]finding{tc.in})[0].String()); diff != "" {
				t.Errorf("%s: coarsen(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
