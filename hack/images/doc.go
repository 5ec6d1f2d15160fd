// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package images makes OCI images without a container engine: of static Go
// programs, and of Debian packages that are unpacked, not installed. It serves
// them from a small registry.
//
// Built images are kept in the cache below the hash of what went in. Equal
// inputs give equal bytes: files are sorted, times are zero, everything belongs
// to root and every image names a numeric, unprivileged user.
//
// The package runs no maintainer scripts, needs no root, and makes images for
// linux only. It does not make Crossplane packages (see hack/xpkg).
package images
