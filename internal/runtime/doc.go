// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package runtime is the process every function of ours runs in.
//
// It reads flags, serves the function over gRPC with the lazy codec of
// internal/wire, and keeps the process well-behaved: it bounds how many calls
// run at once and how large messages may be, answers a panic with an error,
// picks up rotated certificates, reports health and metrics, and finishes what
// it has begun when it is told to stop.
//
// It is a small server around grpc.Server, because the SDK's Serve offers no
// way to stop it. Unlike that one it does not speak the v1beta1 protocol, which
// only Crossplane before 1.17 needs.
//
// It knows nothing about composites: functions decide, this runs them.
package runtime
