// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

// snapshot is ready when volumes can be made from it. An error is retried by
// the snapshot controller, so it is shown but not final.
func snapshot(o Observed, _ Options) Result {
	var s struct {
		Status struct {
			ReadyToUse bool `json:"readyToUse"`
			Error      *struct {
				Message string `json:"message"`
			} `json:"error"`
		} `json:"status"`
	}
	if err := o.Decode(&s, "status.readyToUse", "status.error"); err != nil {
		return unreadable(err)
	}
	switch {
	case s.Status.ReadyToUse:
		return ready(o.CreatedAt())
	case s.Status.Error != nil && s.Status.Error.Message != "":
		return waiting(Bound("cannot be used: " + Line(s.Status.Error.Message)))
	}
	return waiting("is not ready to use yet")
}
