// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command cluster runs a real Kubernetes cluster on this machine, without a
// container engine. It needs root and linux/amd64.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/demo"
	"github.com/microstaging/preview-stacks/hack/images"
	"github.com/microstaging/preview-stacks/hack/install"
	"github.com/microstaging/preview-stacks/hack/localcluster"
	"github.com/microstaging/preview-stacks/hack/process"
)

type arguments struct {
	Name string `default:"${name}" help:"Tells clusters of one machine apart."`

	Up       up       `cmd:"" help:"Start the cluster, unless it is up, and say how to reach it."`
	Down     down     `cmd:"" help:"Remove the cluster and all that is left of it."`
	Status   status   `cmd:"" help:"Say whether the cluster works, and how to reach it."`
	Registry registry `cmd:"" help:"Serve an OCI registry. The cluster starts this itself." hidden:""`
	Forward  forward  `cmd:"" help:"Pass connections on. The cluster starts this itself." hidden:""`
}

func main() {
	var args arguments
	parsed := kong.Parse(&args, kong.Description("A real Kubernetes cluster on this machine, without a container engine."),
		kong.Vars{"images": strings.Join(images.Names(), ", "), "name": localcluster.DefaultName})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&args); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type up struct {
	Bare  bool     `help:"Only the cluster with Crossplane: neither this project nor the images of its examples."`
	Image []string `help:"Images to push to the cluster's registry besides: ${images}."`
}

func (u up) Run(ctx context.Context, args *arguments) error {
	start := time.Now()
	wanted := u.Image
	if !u.Bare {
		wanted = append(wanted, demo.Images...)
	}
	c, err := localcluster.Up(ctx, localcluster.Options{Name: args.Name, Mode: process.Detached, Images: wanted})
	if err != nil {
		return err
	}
	if !u.Bare {
		if err := installOn(ctx, c); err != nil {
			return err
		}
	}
	fmt.Printf("the cluster is up after %s\n\n", time.Since(start).Round(time.Second))
	return describe(ctx, c)
}

// installOn puts this project on a cluster, or brings it up to date.
func installOn(ctx context.Context, c *localcluster.Cluster) error {
	config, err := c.RESTConfig()
	if err != nil {
		return err
	}
	// Deprecations of kinds that are Crossplane's own are nobody's news here.
	config.WarningHandler = rest.NoWarnings{}
	admin, err := client.New(config, client.Options{})
	if err != nil {
		return fmt.Errorf("cannot make a client: %w", err)
	}
	return install.Run(ctx, admin, c.Registry().Address)
}

type down struct{}

func (down) Run(ctx context.Context, args *arguments) error {
	return localcluster.Down(ctx, args.Name)
}

type status struct{}

func (status) Run(ctx context.Context, args *arguments) error {
	c, err := localcluster.Attach(ctx, args.Name)
	if err != nil {
		return err
	}
	return describe(ctx, c)
}

// describe says how to reach a cluster, as lines to copy.
func describe(ctx context.Context, c *localcluster.Cluster) error {
	kubectl, err := build.Tool(ctx, "kubectl")
	if err != nil {
		return err
	}
	fmt.Printf("export KUBECONFIG=%s\n", c.Kubeconfig())
	fmt.Printf("export PATH=%s:$PATH   # for kubectl\n", filepath.Dir(kubectl))
	fmt.Printf("gateway   %s, or %s for clients that set the Host header\n", c.URL("<name>."+localcluster.Domain), c.GatewayAddress())
	fmt.Printf("registry  push to %s, use as %s\n", c.Registry().Address, c.Registry().Name)
	fmt.Printf("logs      %s\n", c.LogDir())
	return nil
}

type registry struct {
	Listen string `required:"" help:"Address to listen at." placeholder:"HOST:PORT"`
}

func (r registry) Run(ctx context.Context) error {
	cache, err := build.CacheDir()
	if err != nil {
		return err
	}
	return images.Serve(ctx, r.Listen, filepath.Join(cache, "registry"))
}

type forward struct {
	Listen string `required:"" help:"Address to listen at." placeholder:"HOST:PORT"`
	To     string `required:"" help:"Address to connect to." placeholder:"HOST:PORT"`
}

func (f forward) Run(ctx context.Context) error {
	return localcluster.Forward(ctx, f.Listen, f.To)
}
