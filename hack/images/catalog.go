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

// An entry is an image that this package can make by name.
type entry struct {
	// path is what the image is called in a registry: the very path and tag of
	// the image that it stands for, so that examples need not be changed.
	path string

	make func(context.Context) (v1.Image, error)
}

// catalog is every image that this package can make.
var catalog = map[string]entry{
	"coredns":               {"coredns:latest", tool("coredns", "coredns")},
	"crossplane":            {"crossplane:v2.4.0", crossplane},
	"keda-http-interceptor": {"kedacore/http-add-on-interceptor:0.15.0", tool("keda-http-interceptor", "interceptor")},
	"keda-http-operator":    {"kedacore/http-add-on-operator:0.15.0", tool("keda-http-operator", "operator")},
	"keda-http-scaler":      {"kedacore/http-add-on-scaler:0.15.0", tool("keda-http-scaler", "scaler")},
	"keda-operator":         {"kedacore/keda:2.21.0", tool("keda-operator", "keda")},
	"miniflux-2.2.12":       {"miniflux:459b1bf", tool("miniflux-2.2.12", "miniflux")},
	"miniflux-2.2.13":       {"miniflux:10b2b36", tool("miniflux-2.2.13", "miniflux")},
	"pause":                 {"pause:latest", command("./hack/images/pause")},
	"postgres":              {"library/postgres:15", postgres},
	"provisioner":           {"provisioner:latest", command("./hack/cmd/provisioner")},
	"redis":                 {"library/redis:7", redis},
	"traefik":               {"traefik:latest", tool("traefik", "traefik")},
	"web":                   {"shop/web:9f1c2ab", command("./hack/images/web")},
	"wiremock":              {"wiremock/wiremock:" + wireMockVersion, wireMock},
}

// Names lists the images that can be made.
func Names() []string {
	return slices.Sorted(maps.Keys(catalog))
}

// Build returns an image of the catalog for linux/amd64, making it when the
// cache does not hold it.
func Build(ctx context.Context, name string) (v1.Image, error) {
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	return e.make(ctx)
}

// Path is where an image of the catalog belongs in a registry, as in
// library/postgres:15.
func Path(name string) (string, error) {
	e, err := find(name)
	return e.path, err
}

func find(name string) (entry, error) {
	e, ok := catalog[name]
	if !ok {
		return entry{}, fmt.Errorf("cannot make image %q: there is no such image; the images are %s", name, strings.Join(Names(), ", "))
	}
	return e, nil
}

// tool makes the image of a third-party program, which is called program there.
func tool(name, program string) func(context.Context) (v1.Image, error) {
	return func(ctx context.Context) (v1.Image, error) {
		path, err := build.Tool(ctx, name)
		if err != nil {
			return nil, err
		}
		return Program{Name: program, Path: path}.Image()
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
