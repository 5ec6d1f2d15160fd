// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/images"
)

// Options say what to build.
type Options struct {
	// Registry is where the packages will be found, such as ghcr.io/acme or
	// 10.0.0.1:5000/previews. Empty means DefaultRegistry.
	Registry string

	// Version is the release. See Version for what becomes of others than
	// semantic ones.
	Version string

	// Archs are the architectures of linux to build for. Empty means amd64 and
	// arm64.
	Archs []string
}

func (o Options) archs() []string {
	if len(o.Archs) == 0 {
		return []string{"amd64", "arm64"}
	}
	return o.Archs
}

func (o Options) release() release {
	r := release{registry: o.Registry, version: Version(o.Version)}
	if r.registry == "" {
		r.registry = DefaultRegistry
	}
	return r
}

// A Built package is ready to be written or pushed.
type Built struct {
	// Name is the package's last part of its path, such as function-stack.
	Name string

	// Kind is Configuration, Function or Provider.
	Kind string

	// Reference is where Push puts it, with the version as tag.
	Reference string

	// InstalledAs is what Crossplane calls it when it is a dependency.
	InstalledAs string

	// Images are one for each architecture, or a single one without Arch for a
	// package that runs nothing.
	Images []Image
}

// An Image is a package for one architecture.
type Image struct {
	Arch  string
	Image v1.Image
}

// Build builds all packages of the catalog from this repository's checkout.
func Build(ctx context.Context, o Options) ([]Built, error) {
	root, err := build.Root()
	if err != nil {
		return nil, err
	}
	b := builder{root: root, options: o, runtime: runtimeImage}
	return b.build(ctx, Catalog())
}

type builder struct {
	root    string
	options Options

	// runtime makes the image of a main package. A field, so that tests need
	// not compile.
	runtime func(ctx context.Context, name, program, arch string) (v1.Image, error)
}

func (b builder) build(ctx context.Context, catalog []Package) ([]Built, error) {
	var all []Built
	for _, p := range catalog {
		built, err := b.one(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, built)
	}
	return all, nil
}

func (b builder) one(ctx context.Context, p Package) (Built, error) {
	r := b.options.release()
	s, err := stage(b.root, p, r)
	if err != nil {
		return Built{}, err
	}
	stream, err := s.stream()
	if err != nil {
		return Built{}, err
	}
	out := Built{Name: s.meta.GetName(), Kind: s.meta.GetKind(), Reference: r.registry + "/" + s.meta.GetName() + ":" + r.version}
	if out.InstalledAs, err = InstalledName(out.Reference); err != nil {
		return Built{}, err
	}
	if p.Program == "" {
		img, err := packageImage(empty.Image, stream)
		out.Images = []Image{{Image: img}}
		return out, err
	}
	for _, arch := range b.options.archs() {
		base, err := b.runtime(ctx, out.Name, p.Program, arch)
		if err != nil {
			return Built{}, err
		}
		img, err := packageImage(base, stream)
		if err != nil {
			return Built{}, fmt.Errorf("cannot build package %s for %s: %w", out.Name, arch, err)
		}
		out.Images = append(out.Images, Image{Arch: arch, Image: img})
	}
	return out, nil
}

// runtimeImage compiles a main package and makes its image.
func runtimeImage(ctx context.Context, name, program, arch string) (img v1.Image, err error) {
	err = build.Step(ctx, fmt.Sprintf("Building %s for linux/%s", name, arch), func(ctx context.Context) error {
		path, err := build.CommandFor(ctx, program, "linux", arch)
		if err != nil {
			return err
		}
		img, err = images.Program{Name: name, Path: path, Arch: arch}.Image()
		return err
	})
	return img, err
}

// Write writes a package's .xpkg files into a folder and returns their paths.
// The crossplane command-line tool can push them.
func (b Built) Write(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot write package %s: %w", b.Name, err)
	}
	var paths []string
	for _, i := range b.Images {
		file := b.Name
		if i.Arch != "" {
			file += "-linux-" + i.Arch
		}
		path := filepath.Join(dir, file+".xpkg")
		if err := writeTarball(path, i.Image); err != nil {
			return nil, fmt.Errorf("cannot write package %s: %w", b.Name, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func writeTarball(path string, img v1.Image) error {
	f, err := os.Create(filepath.Clean(path))
	if err != nil {
		return err
	}
	if err := tarball.Write(nil, img, f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
