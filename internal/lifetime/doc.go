// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package lifetime decides how long a composite lives: when its deadline is,
// whether it has passed, and what follows. It knows no kind of composite, and
// it is pure: the time, and what was remembered from the last decision, are
// arguments; what is to be remembered is part of the answer.
package lifetime
