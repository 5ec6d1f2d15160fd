// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package gate decides which objects of a stack are wanted now, given what is
// observed of them: walls before pods, data before what uses it, PreDeploy jobs
// before a revision rolls out.
//
// It only ever holds back what does not exist yet. What is observed stays
// wanted as long as the stack's definition has it, whatever became of the
// things it once waited for: to leave an object out of the desired state is to
// delete it. A workload that must not roll out yet is not left out but paused,
// so that its old pods keep serving.
//
// It makes no objects (package expand does), does not judge them itself
// (package health does), and does not say how the stack as a whole stands
// (package progress does).
package gate
