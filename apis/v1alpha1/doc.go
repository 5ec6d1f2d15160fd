// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the API that platform teams and developers write:
// PreviewStack (the claim) and XPreviewStack (its composite), PreviewBlueprint
// and PreviewClass. It holds types, defaults that the API server applies, and
// validation rules; it decides nothing.
//
// Fields that a claim may override from a blueprint carry no schema default:
// a default written by the API server could not be told from a value that the
// developer chose, and would override the blueprint. Their defaults are
// applied after merging, in internal/stack.
//
// +kubebuilder:object:generate=true
// +groupName=microstaging.dev
package v1alpha1

// Rules are written so that their message says what is wrong, where, and what
// to write instead. A message repeats a value or a key only where it is short
// and plain; else the API server falls back from messageExpression to message.
// Quantities are Schemaless, because the schema that comes with their type
// answers a typo with a regular expression.
