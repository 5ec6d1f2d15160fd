// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/crossplane/function-sdk-go/logging"
)

// Main is the whole main function of a function: it reads the flags, serves
// what newFunction returns until SIGTERM or SIGINT, and exits. The name and
// description are shown by --help.
func Main(name, description string, newFunction func(logging.Logger) fnv1.FunctionRunnerServiceServer) {
	var o Options
	k := kong.Parse(&o, kong.Name(name), kong.Description(description), kong.UsageOnError())
	k.FatalIfErrorf(run(o, newFunction))
}

func run(o Options, newFunction func(logging.Logger) fnv1.FunctionRunnerServiceServer) error {
	log, err := logging.NewLogger(o.Debug)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// A second signal ends the process at once: stop restores that default.
	context.AfterFunc(ctx, stop)
	return Serve(ctx, o, log, newFunction(log))
}
