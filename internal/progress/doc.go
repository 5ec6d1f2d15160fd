// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package progress says how a stack stands: its phase, the one thing that is
// most useful to know, the state of each part, and conditions.
//
// What it says is stable. It holds points in time that were observed, never
// elapsed times or counters, so that a stack that stands still has a status
// that stands still. What must outlive the objects it was read from is carried
// over from the previous status.
//
// Conditions name a reason that docs/messages.md explains; its anchor is the
// reason in lower case. Messages carry no link: they are read in a terminal,
// and the reason is beside them.
//
// It decides nothing (package gate does) and judges no objects (package health
// does).
package progress
