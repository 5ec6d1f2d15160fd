// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package demo shows this project at work on a real cluster, with Miniflux, a
// feed reader that nobody here wrote: a claim becomes a running environment
// behind a URL, takes a new revision with a migration, survives a broken one,
// and goes without leaving anything.
//
// Run tells the whole story. The steps it is made of are exported: the
// end-to-end suite runs the same ones and asserts what they show. A Place is the
// cluster they run on, a Stack is one claim on it, a Browser looks at its URL.
//
// The package starts the local cluster or looks at an existing one, but knows
// nothing of how either works (see hack/localcluster).
package demo
