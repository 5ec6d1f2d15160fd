// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package xr is the door between a function's typed values and the composite
// resource: it reads the composite and its claim from the request, and writes
// conditions, status, readiness, requirements and the time to live into the
// response.
//
// Reading is tolerant. A composite may have members that a function does not
// know, because Crossplane adds its own or the XRD is newer than the function;
// the SDK's resource.AsObject would refuse it.
//
// Composed resources go through internal/desired. What is to be said in status
// or conditions is for the callers to decide.
package xr
