// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// freeze keeps what the API server would refuse to change as it is, and says
// what its owner asked to change in vain.
func freeze(o expand.Object, seen sighting) (expand.Object, stack.Problems) {
	if !o.Frozen || seen.object.Kind() == "" {
		return o, nil
	}
	frozen, differ, err := expand.Freeze(o, seen.object)
	if err != nil {
		// The API server decides: an object that cannot be read is not one of
		// ours that only needs its fields back.
		return o, nil //nolint:nilerr // Said above.
	}
	if len(differ) == 0 {
		return frozen, nil
	}
	return frozen, stack.Problems{{
		Reason: v1alpha1.ReasonImmutable,
		Field:  "spec." + string(o.Part.Kind) + "s." + o.Part.Name,
		Message: fmt.Sprintf("changes %q, which cannot change while the %s exists: undo the change, or use another name",
			differ, o.Part.Kind),
	}}
}
