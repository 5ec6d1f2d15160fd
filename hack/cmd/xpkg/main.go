// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command xpkg builds this project's Crossplane packages and pushes them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/microstaging/preview-stacks/hack/xpkg"
)

type cli struct {
	Build buildCommand `cmd:"" help:"Build the packages into a folder."`
	Push  pushCommand  `cmd:"" help:"Build the packages for a registry and push them there."`
}

// release are the flags both commands have.
type release struct {
	Version string   `help:"The release the packages carry." required:""`
	Arch    []string `default:"amd64,arm64"                  help:"Architectures of linux to build for."`
}

type buildCommand struct {
	release

	Registry string `default:"${registry}"        help:"Where the packages will be found; dependencies are named after it."`
	Output   string `default:"_output/packages" help:"Folder for the .xpkg files."`
}

func (c *buildCommand) Run(ctx context.Context) error {
	all, err := xpkg.Build(ctx, xpkg.Options{Registry: c.Registry, Version: c.Version, Archs: c.Arch})
	if err != nil {
		return err
	}
	// What an earlier run left would be taken for a part of this release.
	if err := os.RemoveAll(c.Output); err != nil {
		return fmt.Errorf("cannot empty the output folder: %w", err)
	}
	for _, b := range all {
		paths, err := b.Write(c.Output)
		if err != nil {
			return err
		}
		for _, path := range paths {
			fmt.Println(path)
		}
	}
	return nil
}

type pushCommand struct {
	release

	Registry string `help:"Where to push to, such as ghcr.io/acme." required:""`
}

func (c *pushCommand) Run(ctx context.Context) error {
	all, err := xpkg.Publish(ctx, xpkg.Options{Registry: c.Registry, Version: c.Version, Archs: c.Arch})
	if err != nil {
		return err
	}
	for _, b := range all {
		fmt.Println(b.Kind, b.Reference)
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := kong.Parse(&cli{}, kong.Name("xpkg"), kong.Description("Build and push this project's Crossplane packages."),
		kong.Vars{"registry": xpkg.DefaultRegistry}, kong.BindTo(ctx, (*context.Context)(nil)))
	k.FatalIfErrorf(k.Run())
}
