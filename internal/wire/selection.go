// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "strings"

// A selection says which members of an object are wanted, and where in the
// resource that object stands.
type selection struct {
	members []string // Paths with dots. None: all.
	place   place
	depth   int // Of the resource's values, so far.
}

type place int

const (
	elsewhere place = iota
	atResource
	atMetadata
)

// pick tells whether a member is wanted, and what of it.
func (s selection) pick(key []byte) (below selection, wanted bool) {
	if s.place == atMetadata && string(key) == "managedFields" {
		return selection{}, false
	}
	below.depth = s.depth
	if s.place == atResource && string(key) == "metadata" {
		below.place = atMetadata
	}
	for _, m := range s.members {
		head, rest, deeper := strings.Cut(m, ".")
		if head != string(key) {
			continue
		}
		if !deeper {
			return selection{place: below.place, depth: s.depth}, true
		}
		below.members = append(below.members, rest)
	}
	return below, len(s.members) == 0 || len(below.members) > 0
}
