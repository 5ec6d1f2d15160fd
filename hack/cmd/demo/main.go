// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows one claim becoming a running environment on a real cluster,
// with a real application, and all that happens to it until it is gone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/microstaging/preview-stacks/hack/demo"
)

// exitShort is the status when everything worked, but not as fast as it should.
const exitShort = 3

type arguments struct {
	Cluster  string `help:"A local cluster, made for this (Linux, root), or the existing one of the current kubeconfig context." enum:"local,existing" default:"local"`
	Registry string `help:"Registry to push packages and images to, for an existing cluster." placeholder:"HOST/PATH"`
	Keep     bool   `help:"Leave the cluster and the environment, to look around."`
}

func main() {
	var args arguments
	kong.Parse(&args, kong.Description("One claim becomes a running environment, on a real cluster."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := demo.Run(ctx, demo.Options{Existing: args.Cluster == "existing", Registry: args.Registry, Keep: args.Keep, Out: os.Stdout})
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	if errors.Is(err, demo.ErrShort) {
		os.Exit(exitShort)
	}
	os.Exit(1)
}
