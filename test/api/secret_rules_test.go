// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

// secretRules are about StackSecrets.
var secretRules = map[string]rule{
	"OneOrigin": {
		reason: "A Secret is generated or copied.",
		accept: `spec: {forProvider: {generate: null, copyFrom: {namespace: team-shop, name: shop}}}`,
		reject: `spec: {forProvider: {copyFrom: {namespace: team-shop, name: shop}}}`,
		want:   `spec.forProvider: Invalid value: set exactly one of generate and copyFrom`,
	},
	"Length": {
		reason: "A short secret is none.",
		accept: `spec: {forProvider: {generate: {length: 128}}}`,
		reject: `spec: {forProvider: {generate: {length: 8}}}`,
		want:   `spec.forProvider.generate.length: Invalid value: 8: spec.forProvider.generate.length in body should be greater than or equal to 16`,
	},
}
