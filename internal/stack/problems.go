// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"strings"
)

// A Problem is one thing that keeps a stack from running, in words that its
// owner can act on.
type Problem struct {
	// Reason is one of the API's condition reasons.
	Reason string
	// Field is the path below the claim, such as spec.services.api.image.
	Field string
	// Message says what is wrong, with the value, and what to do.
	Message string
}

// Error writes field and message.
func (p Problem) Error() string {
	if p.Field == "" {
		return p.Message
	}
	return p.Field + " " + p.Message
}

// Problems are all the things that are wrong, in the order of the fields, so
// that one round of editing can mend them all.
type Problems []Problem

// maxShown bounds a condition's message; etcd and people both have limits.
const maxShown = 5

// Reason of the first problem, which the condition carries.
func (ps Problems) Reason() string {
	if len(ps) == 0 {
		return ""
	}
	return ps[0].Reason
}

// Error writes the first problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, 0, maxShown+1)
	for i, p := range ps {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("and %d more", len(ps)-maxShown))
			break
		}
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "\n")
}
