// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

// branchRules are about DatabaseBranches.
var branchRules = map[string]rule{
	"Golden": {
		reason: "A branch is a branch of something.",
		accept: `spec: {forProvider: {goldenRef: {name: shop}}}`,
		reject: `spec: {forProvider: {goldenRef: {name: ""}}}`,
		want:   `spec.forProvider.goldenRef.name: Invalid value: "": spec.forProvider.goldenRef.name in body should be at least 1 chars long`,
	},
	"Engine": {
		reason: "Only PostgreSQL can be branched.",
		accept: `spec: {forProvider: {engine: Postgres}}`,
		reject: `spec: {forProvider: {engine: MySQL}}`,
		want:   `spec.forProvider.engine: Unsupported value: "MySQL": supported values: "Postgres"`,
	},
	"ValidUntil": {
		reason: "A deadline is a point in time.",
		accept: `spec: {forProvider: {validUntil: "2030-01-01T00:00:00Z"}}`,
		reject: `spec: {forProvider: {validUntil: tomorrow}}`,
		want:   `spec.forProvider.validUntil: Invalid value: "tomorrow": spec.forProvider.validUntil in body must be of type date-time: "tomorrow"`,
	},
}
