// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command provisioner makes the local cluster's volumes. It runs as a pod.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/microstaging/preview-stacks/hack/provisioner"
)

type arguments struct {
	Root string `required:"" help:"Folder for volumes, with the same path on the node and in this container." placeholder:"PATH"`
}

func main() {
	var args arguments
	kong.Parse(&args, kong.Description("Make volumes of the local cluster: folders on its node."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := args.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func (a arguments) run(ctx context.Context) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return fmt.Errorf("cannot reach the cluster: %w; run this in a pod", err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("cannot reach the cluster: %w", err)
	}
	return provisioner.Run(ctx, client, a.Root)
}
