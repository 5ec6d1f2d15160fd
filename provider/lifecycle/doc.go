// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package lifecycle ends stacks: it keeps the time of leases, deletes claims
// that want to be deleted, proves that nothing is left, and looks for what lost
// its stack.
//
// A lease has no system outside the cluster behind it, so its controller is a
// plain one and not crossplane-runtime's: there is nothing to connect to, to
// observe or to create. See docs/design/lease-is-no-managed-resource.md.
//
// It decides no deadline: function-ttl does. It removes no composed resource of
// a stack that lives: Crossplane does.
package lifecycle
