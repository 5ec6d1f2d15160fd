// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/microstaging/preview-stacks/hack/build"
)

// format changes when this package makes other bytes of the same inputs.
const format = "1"

// A recipe says how to make an image, and what its bytes depend on.
type recipe struct {
	// name is the image's name, and starts its folder in the cache.
	name string

	// inputs are hashes and versions: equal inputs, equal image.
	inputs []string

	// arch is amd64 or arm64.
	arch string

	config v1.Config

	// fill puts the files into the image. It is called only when the cache does
	// not hold the image.
	fill func(tree) error
}

// image returns the image of a recipe, from the cache if it is there.
func (r recipe) image() (v1.Image, error) {
	cache, err := build.CacheDir()
	if err != nil {
		return nil, err
	}
	key, err := r.key()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(cache, "images", r.name+"-"+key)
	if img, err := readLayout(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return img, err
	}
	if err := r.make(dir); err != nil {
		return nil, fmt.Errorf("cannot make image %s: %w", r.name, err)
	}
	return readLayout(dir)
}

func (r recipe) key() (string, error) {
	config, err := json.Marshal(r.config)
	if err != nil {
		return "", fmt.Errorf("cannot name image %s: %w", r.name, err)
	}
	hash := sha256.New()
	for _, input := range append([]string{format, r.arch, string(config)}, r.inputs...) {
		fmt.Fprintf(hash, "%d:%s", len(input), input)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// make builds the image aside and renames it into its place: a folder in the
// cache is whole, or is not there.
func (r recipe) make(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), ".making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	files := tree{}
	if err := r.fill(files); err != nil {
		return err
	}
	layer, err := writeLayer(files, filepath.Join(work, "layer.tar"))
	if err != nil {
		return err
	}
	img, err := r.assemble(layer)
	if err != nil {
		return err
	}
	made, err := layout.Write(filepath.Join(work, "image"), empty.Index)
	if err != nil {
		return err
	}
	if err := made.AppendImage(img); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(work, "image"), dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (r recipe) assemble(layer v1.Layer) (v1.Image, error) {
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.ConfigFile(img, &v1.ConfigFile{OS: "linux", Architecture: r.arch, Config: r.config, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(img, layer)
}

// readLayout reads the one image of a folder in the cache.
func readLayout(dir string) (v1.Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("cannot read image %s: it holds %d images, not 1; remove the folder", dir, len(manifest.Manifests))
	}
	return index.Image(manifest.Manifests[0].Digest)
}
