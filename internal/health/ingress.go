// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

// ingress is ready once it exists. It has no condition, and an address in its
// status is optional: controllers behind a shared or external load balancer
// never set one, so waiting for it would be waiting for ever.
func ingress(o Observed, opts Options) Result { return exists(o, opts) }
