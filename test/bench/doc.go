// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench holds a function against this project's goals for speed.
//
// A function is measured as it is served: from the bytes of a request, through
// the codec of internal/wire, to the bytes of the response. The floor it is
// compared with does nothing but decode the same request and encode the same
// response with gRPC's own codec. Both run in turns within one process, several
// times, and the medians count: a machine that is busy slows both down.
//
// Requests are those of internal/wire/wiretest, with managed fields, status and
// owner references, made from what the function itself composes.
//
// CPU is the process's user and system time, garbage collection included, not
// the time that passed. Throughput is measured over gRPC, without TLS, with the
// load coming from another process.
package bench
