// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package sleep decides whether a stack sleeps, and by what: a command, a
// schedule, or the lack of traffic. It also says when the answer can change by
// itself, so that an idle stack is looked at no sooner.
//
// It knows no objects: in which order things stop and start again is package
// gate's, and what is said about it package progress's. It counts no requests
// either: a scaler does, and moves the switch of the stack.
package sleep
