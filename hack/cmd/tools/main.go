// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command tools builds third-party programs into the cache and says where they
// are:
//
//	go run ./hack/cmd/tools build etcd kube-apiserver
//	go run ./hack/cmd/tools path etcd
//
// path builds what is missing, so that "$(go run ./hack/cmd/tools path kubectl) get pods"
// works at once. Progress goes to standard error.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/microstaging/preview-stacks/hack/build"
)

type cli struct {
	Build buildCommand `cmd:"" help:"Build programs into the cache; all of them when none is named."`
	Path  pathCommand  `cmd:"" help:"Print where a program is, after building it if it is missing."`
}

type buildCommand struct {
	Names []string `arg:"" optional:"" help:"One or more of: ${tools}."`
}

// Run builds the named programs.
func (c *buildCommand) Run(ctx context.Context) error {
	names := c.Names
	if len(names) == 0 {
		names = build.Names()
	}
	_, err := build.Tools(ctx, names...)
	return err
}

type pathCommand struct {
	Name string `arg:"" help:"One of: ${tools}."`
}

// Run prints the program's path.
func (c *pathCommand) Run(ctx context.Context) error {
	path, err := build.Tool(ctx, c.Name)
	if err != nil {
		return err
	}
	fmt.Println(path)
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := kong.Parse(&cli{},
		kong.Name("tools"),
		kong.Description("Builds the third-party programs that tests and the local cluster run."),
		kong.Vars{"tools": strings.Join(build.Names(), ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	run.FatalIfErrorf(run.Run())
}
