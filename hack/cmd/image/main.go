// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command image makes OCI images without a container engine, and can push them
// to a registry that speaks plain HTTP.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/microstaging/preview-stacks/hack/images"
)

type arguments struct {
	Names []string `arg:"" help:"Images to make: ${names}."`
	Push  string   `help:"Registry to push to, for example 10.77.0.1:5000." placeholder:"HOST:PORT"`
}

func main() {
	var args arguments
	kong.Parse(&args, kong.Description("Make OCI images without a container engine."), kong.Vars{"names": strings.Join(images.Names(), ", ")})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := args.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func (a arguments) run(ctx context.Context) error {
	for _, name := range a.Names {
		img, err := images.Build(ctx, name)
		if err != nil {
			return err
		}
		digest, err := img.Digest()
		if err != nil {
			return fmt.Errorf("cannot read image %s: %w", name, err)
		}
		fmt.Println(name, digest)
		if a.Push == "" {
			continue
		}
		path, err := images.Path(name)
		if err != nil {
			return err
		}
		if err := images.Push(ctx, img, a.Push+"/"+path); err != nil {
			return err
		}
	}
	return nil
}
