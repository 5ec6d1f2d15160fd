// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// What the package manager looks for in an image.
const (
	streamFile      = "package.yaml"
	annotation      = "io.crossplane.xpkg"
	annotationLayer = "base"
)

// packageImage adds a package's stream to the image that its pods run, or to
// nothing for a package without pods.
func packageImage(base v1.Image, stream []byte) (v1.Image, error) {
	layer, err := streamLayer(stream)
	if err != nil {
		return nil, fmt.Errorf("cannot make package layer: %w", err)
	}
	digest, err := layer.Digest()
	if err != nil {
		return nil, fmt.Errorf("cannot make package layer: %w", err)
	}
	img, err := compress(base)
	if err != nil {
		return nil, fmt.Errorf("cannot compress runtime image: %w", err)
	}
	img, err = mutate.Append(img, mutate.Addendum{
		Layer:       layer,
		MediaType:   types.OCILayer,
		Annotations: map[string]string{annotation: annotationLayer},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot add package layer: %w", err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("cannot read image's config: %w", err)
	}
	config = config.DeepCopy()
	// An .xpkg file is a tarball that cannot carry annotations of layers. The
	// label stands for the annotation in there.
	if config.Config.Labels == nil {
		config.Config.Labels = map[string]string{}
	}
	config.Config.Labels[annotation+":"+digest.String()] = annotationLayer
	return mutate.ConfigFile(img, config)
}

// compress returns an image with the same files in compressed layers: images of
// hack/images are not, since they are made for this machine.
func compress(base v1.Image) (v1.Image, error) {
	config, err := base.ConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := base.Layers()
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	config = config.DeepCopy()
	config.RootFS.DiffIDs, config.History = nil, nil
	if img, err = mutate.ConfigFile(img, config); err != nil {
		return nil, err
	}
	for _, l := range layers {
		compressed, err := tarball.LayerFromOpener(l.Uncompressed, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return nil, err
		}
		if img, err = mutate.Append(img, mutate.Addendum{Layer: compressed, MediaType: types.OCILayer}); err != nil {
			return nil, err
		}
	}
	return img, nil
}

func streamLayer(stream []byte) (v1.Layer, error) {
	var file bytes.Buffer
	w := tar.NewWriter(&file)
	if err := w.WriteHeader(&tar.Header{Name: streamFile, Mode: 0o644, Size: int64(len(stream))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(stream); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// index joins the images of all architectures.
func index(images []Image) v1.ImageIndex {
	var all []mutate.IndexAddendum
	for _, i := range images {
		all = append(all, mutate.IndexAddendum{
			Add:        i.Image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: i.Arch}},
		})
	}
	return mutate.AppendManifests(empty.Index, all...)
}
