// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e runs stacks with real pods on the local cluster, and asserts what
// people see of them: that URLs answer, that a detail says why one does not, and
// that nothing is left. TestDemo is the demo itself, with its goals.
//
// It needs Linux and root, and uses a local cluster that is up already. What
// needs no containers is tested by test/controlplane, in seconds.
package e2e
