// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// A Memory is what function-ttl remembers of a composite from one call to the
// next, in the composite's status. All times are RFC 3339.
type Memory struct {
	// Revision whose coming was the last activity.
	// +optional
	Revision string `json:"revision,omitempty"`
	// ActiveAt is the time of the last activity.
	// +optional
	ActiveAt string `json:"activeAt,omitempty"`
	// ExtendUntil is the extension as last seen.
	// +optional
	ExtendUntil string `json:"extendUntil,omitempty"`
	// ExtendedAt is when it was first seen.
	// +optional
	ExtendedAt string `json:"extendedAt,omitempty"`
	// PinnedAt is when the pin was first seen.
	// +optional
	PinnedAt string `json:"pinnedAt,omitempty"`
	// ClosedAt is when the pull request was first seen closed.
	// +optional
	ClosedAt string `json:"closedAt,omitempty"`
	// NotBefore is the notice that a deadline leaves that was moved back.
	// +optional
	NotBefore string `json:"notBefore,omitempty"`
	// Deadline that was last decided. Empty if there was none.
	// +optional
	Deadline string `json:"deadline,omitempty"`
	// Recreated is the last value of the recreate annotation that was obeyed.
	// +optional
	Recreated string `json:"recreated,omitempty"`
	// RetiredAt is when the composite was retired. Empty while it lives.
	// +optional
	RetiredAt string `json:"retiredAt,omitempty"`
}
