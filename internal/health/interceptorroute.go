// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

// interceptorRoute is ready once the HTTP add-on has seen it: one that nobody
// has seen leads nowhere.
func interceptorRoute(o Observed, _ Options) Result {
	var v conditionView
	if err := o.Decode(&v, "status.conditions"); err != nil {
		return unreadable(err)
	}
	is, ok := find(v.Status.Conditions, typeReady)
	if !ok {
		return waiting("is not seen by KEDA's HTTP add-on yet")
	}
	return byReady(is)
}
