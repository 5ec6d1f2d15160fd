// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package xpkg builds this project's Crossplane packages and pushes them to an
// OCI registry, without a container engine.
//
// A package is an image with one layer that holds the package's objects as a
// YAML stream. A function's package is also the image its pods run, one for
// each architecture behind an index. The layout is Crossplane's own; see its
// package specification (docs.crossplane.io, "Packages", and xpkg in
// crossplane-runtime, whose builder is not used because it would bring cosign
// and all it depends on into this module).
//
// Crossplane names a dependency after the path of its package. So a registry
// given on publishing appears in two places besides the push: in the
// Configuration's dependencies and in its compositions' function references.
// Staging writes both from the same value, and the pushed version as well.
//
// It installs nothing: that is what Crossplane's package manager is for.
package xpkg
