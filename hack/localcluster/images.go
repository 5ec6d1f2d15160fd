// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/images"
)

// addonImages are those of the cluster's own pods.
var addonImages = []string{"pause", "coredns", "provisioner", "traefik", "crossplane"}

// crossplaneTag is the release of the crossplane tool.
const crossplaneTag = "v2.4.0"

// tags are those of images that need one other than latest.
var tags = map[string]string{"crossplane": crossplaneTag}

// buildImages makes images one after the other: each may build a program, and
// several compilers at once only fight for memory.
func buildImages(ctx context.Context, names []string) error {
	for _, name := range names {
		if _, err := images.Build(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// push builds images and pushes them to the registry.
func (c *Cluster) push(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	return build.Step(ctx, "pushing images", func(ctx context.Context) error {
		if err := buildImages(ctx, names); err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		for _, name := range names {
			group.Go(func() error { return c.pushImage(ctx, name) })
		}
		return group.Wait()
	})
}

func (c *Cluster) pushImage(ctx context.Context, name string) error {
	img, err := images.Build(ctx, name)
	if err != nil {
		return err
	}
	tag, ok := tags[name]
	if !ok {
		tag = "latest"
	}
	return images.Push(ctx, img, c.Registry().Address+"/"+name+":"+tag)
}
