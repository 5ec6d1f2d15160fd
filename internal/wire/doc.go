// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package wire reads what Crossplane observed without decoding all of it.
//
// Decoding the observed state into structpb costs more than everything else a
// function does, and most of what is decoded (managed fields above all) is
// never read. Codec returns a gRPC codec that leaves observed and
// required_resources of a RunFunctionRequest as the bytes that came in. Observe
// and Required give access to them: a Resource scans its bytes for the members
// it is asked for, and decodes those alone.
//
// The bytes ride in the unknown fields of the message they belong to. So a
// lazily decoded request marshals and clones to what it came from, and needs no
// table beside it that would have to be kept in step. The price: getters such
// as req.GetObserved().GetResources() find nothing in it; read through this
// package. All the rest (desired state of earlier functions, input, context,
// credentials) is decoded as usual.
//
// A request that was decoded by the plain codec, or built in a test, reads the
// same through this package, only slower.
//
// The package judges nothing: what a status means is for its callers to say.
package wire
