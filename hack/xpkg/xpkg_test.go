// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"archive/tar"
	"context"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	pkgmetav1 "github.com/crossplane/crossplane/apis/v2/pkg/meta/v1"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/hack/images"
)

func TestInstalledName(t *testing.T) {
	cases := map[string]struct {
		reason    string
		reference string
		want      string
	}{
		"Path":       {reason: "The registry's host is no part of the name.", reference: "ghcr.io/acme/function-stack:v1.0.0", want: "acme-function-stack"},
		"NoPath":     {reason: "A registry without path leaves the package's own name.", reference: "10.0.0.1:5000/function-stack", want: "function-stack"},
		"Dots":       {reason: "Dots are no part of a DNS label.", reference: "r.example.com/a.b/c/function-stack@sha256:" + strings.Repeat("0", 64), want: "a-b-c-function-stack"},
		"Underscore": {reason: "Crossplane drops what it cannot keep.", reference: "r.example.com/a_b/function-stack", want: "ab-function-stack"},
		"Long":       {reason: "A label has at most 63 characters.", reference: "r.example.com/" + strings.Repeat("a", 62) + "/b", want: strings.Repeat("a", 62)},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			got, err := InstalledName(tc.reference)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\nInstalledName(%q): -want, +got:\n%s", tc.reason, tc.reference, diff)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for given, want := range map[string]string{
		"":                       "v0.0.0",
		"v1.2.3":                 "v1.2.3",
		"1.2.3":                  "v1.2.3",
		"v0.1.0-3-gabcdef-dirty": "v0.1.0-3-gabcdef-dirty",
		"0123456":                "v0.0.0-g0123456",
		"23862c6-dirty":          "v0.0.0-g23862c6-dirty",
	} {
		if got := Version(given); got != want {
			t.Errorf("Version(%q): got %q, want %q", given, got, want)
		}
	}
}

// program stands for a compiled main package.
func program(t *testing.T) func(context.Context, string, string, string) (v1.Image, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PREVIEW_CACHE", t.TempDir())
	return func(_ context.Context, name, _, arch string) (v1.Image, error) {
		return images.Program{Name: name, Path: path, Arch: arch}.Image()
	}
}

// TestPublishedPackages pushes what this repository holds, and reads it back as
// Crossplane's package manager does.
func TestPublishedPackages(t *testing.T) {
	server := httptest.NewServer(registry.New())
	defer server.Close()
	where := strings.TrimPrefix(server.URL, "http://") + "/previews"
	b := builder{root: "../..", options: Options{Registry: where, Version: "v1.2.3"}, runtime: program(t)}
	all, err := b.build(t.Context(), Catalog())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if err := p.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("Function", func(t *testing.T) {
		ref := mustParse(t, where+"/function-stack:v1.2.3")
		idx, err := remote.Index(ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range []string{"amd64", "arm64"} {
			img := imageFor(t, idx, arch)
			config, err := img.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			if len(config.Config.Entrypoint) != 1 || config.Config.User == "" || config.Architecture != arch {
				t.Errorf("image for %s: entrypoint %v, user %q, architecture %s", arch, config.Config.Entrypoint, config.Config.User, config.Architecture)
			}
			documents := stream(t, img)
			f := &pkgmetav1.Function{}
			decode(t, documents[0], f)
			if f.Name != "function-stack" || f.Kind != pkgmetav1.FunctionKind {
				t.Errorf("metadata for %s: %s %s", arch, f.Kind, f.Name)
			}
			for _, d := range documents[1:] {
				decode(t, d, &extv1.CustomResourceDefinition{})
			}
		}
	})

	t.Run("Configuration", func(t *testing.T) {
		img, err := remote.Image(mustParse(t, where+"/configuration-preview-stacks:v1.2.3"))
		if err != nil {
			t.Fatal(err)
		}
		documents := stream(t, img)
		c, x, comp := &pkgmetav1.Configuration{}, &xpextv1.CompositeResourceDefinition{}, &xpextv1.Composition{}
		if len(documents) != 3 {
			t.Fatalf("want metadata, definition and composition, got %d documents", len(documents))
		}
		decode(t, documents[0], c)
		decode(t, documents[1], x)
		decode(t, documents[2], comp)
		got := []string{*c.Spec.DependsOn[0].Package, c.Spec.DependsOn[0].Version, comp.Spec.Pipeline[0].FunctionRef.Name, x.Spec.ClaimNames.Kind}
		want := []string{where + "/function-stack", "v1.2.3", "previews-function-stack", "PreviewStack"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the dependency, and the function as it will be installed: -want, +got:\n%s", diff)
		}
	})
}

func mustParse(t *testing.T, reference string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func imageFor(t *testing.T, idx v1.ImageIndex, arch string) v1.Image {
	t.Helper()
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range m.Manifests {
		if d.Platform != nil && d.Platform.OS == "linux" && d.Platform.Architecture == arch {
			img, err := idx.Image(d.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return img
		}
	}
	t.Fatalf("no image for %s", arch)
	return nil
}

// stream returns the documents of package.yaml, from the one layer that is
// annotated as the package's.
func stream(t *testing.T, img v1.Image) []string {
	t.Helper()
	m, err := img.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range m.Layers {
		if d.Annotations["io.crossplane.xpkg"] != "base" {
			continue
		}
		layer, err := img.LayerByDigest(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimPrefix(readFile(t, layer, "package.yaml"), "---\n"), "\n---\n")
	}
	t.Fatal("no layer is annotated as the package's")
	return nil
}

func readFile(t *testing.T, layer v1.Layer, path string) string {
	t.Helper()
	r, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	files := tar.NewReader(r)
	for {
		h, err := files.Next()
		if err != nil {
			t.Fatalf("cannot find %s: %v", path, err)
		}
		if h.Name == path {
			text, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
}

func decode(t *testing.T, document string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(document), into); err != nil {
		t.Errorf("cannot decode %T: %v", into, err)
	}
}

func TestBuildIsReproducible(t *testing.T) {
	b := builder{root: "../..", options: Options{Version: "v1.2.3", Archs: []string{"amd64"}}, runtime: program(t)}
	var digests [2][]string
	for i := range digests {
		all, err := b.build(t.Context(), Catalog())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			d, err := p.Images[0].Image.Digest()
			if err != nil {
				t.Fatal(err)
			}
			digests[i] = append(digests[i], p.Name+"@"+d.String())
		}
	}
	if diff := cmp.Diff(digests[0], digests[1]); diff != "" {
		t.Errorf("two builds of the same differ: -first, +second:\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	b := builder{root: "../..", options: Options{Version: "v1.2.3"}, runtime: program(t)}
	all, err := b.build(t.Context(), Catalog())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	got := []string{}
	for _, p := range all {
		paths, err := p.Write(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			got = append(got, filepath.Base(path))
			checkTarball(t, path)
		}
	}
	want := []string{
		"function-stack-linux-amd64.xpkg", "function-stack-linux-arm64.xpkg",
		"function-ttl-linux-amd64.xpkg", "function-ttl-linux-arm64.xpkg",
		"provider-preview-stacks-linux-amd64.xpkg", "provider-preview-stacks-linux-arm64.xpkg",
		"configuration-preview-stacks.xpkg",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Write(...): -want, +got:\n%s", diff)
	}
}

// checkTarball reads an .xpkg as the crossplane tool does before it pushes: the
// annotation of the package's layer comes from a label.
func checkTarball(t *testing.T, path string) {
	t.Helper()
	img, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		d, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.Labels["io.crossplane.xpkg:"+d.String()] == "base" {
			readFile(t, l, "package.yaml")
			return
		}
	}
	t.Errorf("%s: no label names the package's layer", path)
}

func TestStageRefuses(t *testing.T) {
	const configuration = "apiVersion: meta.pkg.crossplane.io/v1\nkind: Configuration\nmetadata: {name: c}\nspec: {dependsOn: [{package: xpkg.preview-stacks.dev/microstaging/function-stack}]}\n"
	composition := func(function string) string {
		return "kind: Composition\nmetadata: {name: x}\nspec: {pipeline: [{step: s, functionRef: {name: " + function + "}}]}\n"
	}
	cases := map[string]struct {
		reason string
		meta   string
		object string
		want   string
	}{
		"UnknownFunction": {
			reason: "A function nobody installs would keep every composite waiting.",
			meta:   configuration,
			object: composition("function-typo"),
			want:   "microstaging-function-stack",
		},
		"ForbiddenKind": {
			reason: "The package manager refuses a package with such an object, after it was released.",
			meta:   configuration,
			object: "kind: ClusterRole\nmetadata: {name: admin}\n",
			want:   "must not hold ClusterRole admin",
		},
		"NoMeta": {
			reason: "Any other file is not metadata of a package.",
			meta:   "apiVersion: v1\nkind: ConfigMap\n",
			object: composition("microstaging-function-stack"),
			want:   "meta.pkg.crossplane.io",
		},
		"NoObjects": {
			reason: "A pattern that matches nothing means that generated files are missing.",
			meta:   configuration,
			want:   "no file matches",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "crossplane.yaml"), tc.meta)
			if tc.object != "" {
				write(t, filepath.Join(root, "objects", "a.yaml"), tc.object)
			}
			_, err := stage(root, Package{Meta: "crossplane.yaml", Objects: []string{"objects/*.yaml"}}, release{registry: DefaultRegistry, version: "v1.0.0"})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s\nstage(...): want an error with %q, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
