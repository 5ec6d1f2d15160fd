// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"

	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/health"
)

// Choose leaves out the routes of the way that requests are not to take. A live
// stack can change its way: the class's mode changes, or KEDA is installed. Then
// the old routes go when the new ones are all ready, so that it is never without.
func Choose(objects []expand.Object, way expand.Way, w World) []expand.Object {
	other := func(o expand.Object) bool { return o.Way != "" && o.Way != way }
	observed := func(o expand.Object) bool {
		_, ok := w.Observed(o.Key)
		return ok
	}
	changes := slices.ContainsFunc(objects, func(o expand.Object) bool { return other(o) && observed(o) })
	unready := changes && slices.ContainsFunc(objects, func(o expand.Object) bool {
		return o.Role == expand.RoleRoute && o.Way == way && !judge(o, w).Ready()
	})
	return slices.DeleteFunc(slices.Clone(objects), func(o expand.Object) bool {
		return other(o) && (!unready || !observed(o))
	})
}

// judge gives the zero Result for what is not observed.
func judge(o expand.Object, w World) health.Result {
	observed, ok := w.Observed(o.Key)
	if !ok {
		return health.Result{}
	}
	return health.Judge(observed, health.Options{})
}
