// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/microstaging/preview-stacks/hack/build"
)

// catalog is every image that this package can make by name.
var catalog = map[string]func(context.Context) (v1.Image, error){
	"coredns":     tool("coredns"),
	"crossplane":  crossplane,
	"miniflux":    tool("miniflux"),
	"pause":       command("./hack/images/pause"),
	"postgres":    postgres,
	"provisioner": command("./hack/cmd/provisioner"),
	"redis":       redis,
	"traefik":     tool("traefik"),
	"wiremock":    wireMock,
}

// Names lists the images that can be made.
func Names() []string {
	return slices.Sorted(maps.Keys(catalog))
}

// Build returns an image of the catalog for linux/amd64, making it when the
// cache does not hold it.
func Build(ctx context.Context, name string) (v1.Image, error) {
	find, ok := catalog[name]
	if !ok {
		return nil, fmt.Errorf("cannot make image %q: there is no such image; the images are %s", name, strings.Join(Names(), ", "))
	}
	return find(ctx)
}

// tool makes the image of a third-party program.
func tool(name string) func(context.Context) (v1.Image, error) {
	return func(ctx context.Context) (v1.Image, error) {
		path, err := build.Tool(ctx, name)
		if err != nil {
			return nil, err
		}
		return Program{Name: name, Path: path}.Image()
	}
}

// command makes the image of one of our own programs.
func command(pkg string) func(context.Context) (v1.Image, error) {
	return func(ctx context.Context) (v1.Image, error) {
		path, err := build.CommandFor(ctx, pkg, "linux", "amd64")
		if err != nil {
			return nil, err
		}
		return Program{Name: filepath.Base(pkg), Path: path}.Image()
	}
}

// crossplane makes the image of Crossplane's core and rbac-manager: one program,
// and what its init container installs.
func crossplane(ctx context.Context) (v1.Image, error) {
	path, err := build.Tool(ctx, "crossplane")
	if err != nil {
		return nil, err
	}
	module, err := build.ModuleDir(ctx, "crossplane", "github.com/crossplane/crossplane/v2")
	if err != nil {
		return nil, err
	}
	return Program{Name: "crossplane", Path: path, Folders: map[string]string{
		"/crds":                  filepath.Join(module, "cluster", "crds"),
		"/webhookconfigurations": filepath.Join(module, "cluster", "webhookconfigurations"),
	}}.Image()
}
