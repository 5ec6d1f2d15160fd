// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package desired is the one door from typed Kubernetes objects to the desired
// state of a function's response.
//
// It encodes what encoding/json would encode, straight into structpb and
// without the detour over JSON text or maps, with one difference: members that
// Go cannot leave out although nobody set them (status, a zero
// creationTimestamp, an empty strategy or resources block) are dropped.
// Server-side apply would otherwise make us the owner of fields we have no
// opinion about. Which members are noise is a list (see noise.go), never the
// rule "drop what is empty": emptyDir: {} and podSelector: {} are statements.
//
// It does not validate objects, default them, or read them back.
package desired
