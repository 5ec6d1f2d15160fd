// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command generate writes what follows from the Go types of the API: deepcopy
// functions, CRDs, the XRD and the API reference. With --check it writes
// nothing, and fails when something is out of date.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/generate"
)

type cli struct {
	Check bool `help:"Write nothing; fail when a generated file is out of date."`
}

// Run generates or checks.
func (c *cli) Run(ctx context.Context) error {
	root, err := build.Root()
	if err != nil {
		return err
	}
	if c.Check {
		return generate.Check(ctx, root)
	}
	return generate.Update(ctx, root)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := kong.Parse(&cli{},
		kong.Name("generate"),
		kong.Description("Writes what follows from the Go types of the API."),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	run.FatalIfErrorf(run.Run())
}
