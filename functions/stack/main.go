// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Function stack expands one XPreviewStack into everything that a preview
// environment consists of, and says where it stands. It reads what Crossplane
// observed (gather.go), leaves every decision to the pure packages under
// internal, and writes their answer (fn.go, sleep.go). It calls no API.
package main

import (
	"time"
	_ "time/tzdata" // Images have no time zones, and schedules need them.

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/microstaging/preview-stacks/internal/runtime"
)

func main() {
	runtime.Main("function-stack", "Expands a PreviewStack into a preview environment.",
		func(log logging.Logger) fnv1.FunctionRunnerServiceServer { return &Function{log: log, now: time.Now} })
}
