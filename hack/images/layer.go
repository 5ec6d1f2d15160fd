// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"bufio"
	"fmt"
	"io"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A tarLayer is a layer that is not compressed. Local images go from disk to
// disk of one machine, where compressing costs more than it saves: a node
// unpacks PostgreSQL three times as fast.
type tarLayer struct {
	path string
	hash v1.Hash
	size int64
}

var _ v1.Layer = tarLayer{}

// writeLayer writes a tree to a file, as a layer.
func writeLayer(t tree, path string) (v1.Layer, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	buffered := bufio.NewWriterSize(file, 1<<20)
	if err := t.writeTar(buffered); err != nil {
		return nil, err
	}
	if err := buffered.Flush(); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	hash, size, err := v1.SHA256(file)
	if err != nil {
		return nil, fmt.Errorf("cannot hash layer %s: %w", path, err)
	}
	return tarLayer{path: path, hash: hash, size: size}, nil
}

func (l tarLayer) Digest() (v1.Hash, error)             { return l.hash, nil }
func (l tarLayer) DiffID() (v1.Hash, error)             { return l.hash, nil }
func (l tarLayer) Compressed() (io.ReadCloser, error)   { return os.Open(l.path) }
func (l tarLayer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.path) }
func (l tarLayer) Size() (int64, error)                 { return l.size, nil }
func (l tarLayer) MediaType() (types.MediaType, error)  { return types.OCIUncompressedLayer, nil }
