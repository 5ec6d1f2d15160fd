// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Function ttl ends composites of any kind when their time is up. It reads what
// a composite and its input say of its life, leaves the decision to
// internal/lifetime, and writes what follows: the status, a StackLease, the
// deadline in other resources, and, once it is over, nothing else. It calls no
// API. In a pipeline it comes after the functions that compose, and before those
// that only look.
package main

import (
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/microstaging/preview-stacks/internal/runtime"
)

func main() {
	runtime.Main("function-ttl", "Ends composites when their time is up.",
		func(log logging.Logger) fnv1.FunctionRunnerServiceServer { return &Function{log: log, now: time.Now} })
}
