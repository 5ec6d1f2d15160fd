// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/microstaging/preview-stacks/hack/build"
)

// Publish builds all packages for a registry and pushes them, those that others
// depend on first. Credentials are those of docker login. A registry on this
// machine or in a private network is spoken to over plain HTTP.
//
// The configuration comes last: installing it brings in the others.
func Publish(ctx context.Context, o Options) ([]Built, error) {
	all, err := Build(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if err := build.Step(ctx, "Pushing "+b.Reference, b.Push); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Push pushes a package to its reference: an index of all architectures, or a
// single image if the package runs nothing.
func (b Built) Push(ctx context.Context) error {
	ref, err := name.ParseReference(b.Reference)
	if err != nil {
		return fmt.Errorf("cannot push package %s: %w", b.Name, err)
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	if len(b.Images) == 1 && b.Images[0].Arch == "" {
		err = remote.Write(ref, b.Images[0].Image, options...)
	} else {
		err = remote.WriteIndex(ref, index(b.Images), options...)
	}
	if err != nil {
		return fmt.Errorf("cannot push package %s to %s: %w", b.Name, b.Reference, err)
	}
	return nil
}
