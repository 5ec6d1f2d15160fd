// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package expand maps a resolved stack to the objects it consists of: one file
// and one MakeX function per kind, each returning a typed object. It decides
// nothing about when an object is wanted (package gate does), how it reaches
// its cluster (package emit), or whether it is healthy (package health). It is
// pure: the same stack makes the same objects, byte for byte.
package expand
