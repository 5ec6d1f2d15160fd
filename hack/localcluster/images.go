// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sync/errgroup"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/images"
)

// addonImages are those of the cluster's own pods.
var addonImages = []string{
	"pause", "coredns", "provisioner", "traefik", "crossplane",
	"keda-operator", "keda-http-interceptor", "keda-http-operator", "keda-http-scaler",
}

// buildImages makes images one after the other: each may build a program, and
// several compilers at once only fight for memory.
func buildImages(ctx context.Context, names []string) (map[string]v1.Image, error) {
	built := make(map[string]v1.Image, len(names))
	for _, name := range names {
		img, err := images.Build(ctx, name)
		if err != nil {
			return nil, err
		}
		built[name] = img
	}
	return built, nil
}

// push pushes images to the registry, under the paths of those they stand for.
func (c *Cluster) push(ctx context.Context, built map[string]v1.Image) error {
	if len(built) == 0 {
		return nil
	}
	return build.Step(ctx, "pushing images", func(ctx context.Context) error {
		group, ctx := errgroup.WithContext(ctx)
		for name, img := range built {
			group.Go(func() error { return c.pushImage(ctx, name, img) })
		}
		return group.Wait()
	})
}

func (c *Cluster) pushImage(ctx context.Context, name string, img v1.Image) error {
	path, err := images.Path(name)
	if err != nil {
		return err
	}
	return images.Push(ctx, img, c.Registry().Address+"/"+path)
}
