// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

// blueprintRules are about what only blueprints have.
var blueprintRules = map[string]rule{
	"Name": {
		reason: "Stacks carry a blueprint's name as a label.",
		accept: `metadata: {name: a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23}`,
		reject: `metadata: {name: a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g234}`,
		want:   `<nil>: Invalid value: metadata.name is longer than 63 characters: stacks carry it as a label; choose a shorter one, for example shop-v3`,
	},
	"Series": {
		reason: "A series is a label's value.",
		accept: `spec: {series: shop}`,
		reject: `spec: {series: the shop}`,
		want:   `spec.series: Invalid value: "the shop": series is "the shop": use letters, digits, hyphens, underscores and dots, for example "shop"`,
	},
	"ManifestNames": {
		reason: "A manifest's name is its key in the composite.",
		accept: `spec: {manifests: {cron: {apiVersion: batch/v1, kind: CronJob, metadata: {name: cron}}}}`,
		reject: `spec: {manifests: {Cron: {apiVersion: batch/v1, kind: CronJob, metadata: {name: cron}}}}`,
		want:   `spec.manifests: Invalid value: manifests has the name "Cron", which cannot be used: use lower-case letters, digits and hyphens, starting with a letter, at most 30 characters`,
	},
	"ManifestIsAnObject": {
		reason: "A chart is not a manifest, what it renders is.",
		accept: `spec: {manifests: {cron: {apiVersion: batch/v1, kind: CronJob, metadata: {name: cron}}}}`,
		reject: `spec: {manifests: {cron: oci://r.example.com/charts/cron}}`,
		want:   `spec.manifests.cron: Invalid value: "string": spec.manifests.cron in body must be of type object: "string"`,
	},
	"TTL": {
		reason: "Days are not a unit.",
		accept: `spec: {lifecycle: {ttl: 48h}}`,
		reject: `spec: {lifecycle: {ttl: 2d}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "2d": ttl is "2d", which is not a duration: write hours or minutes, for example "72h"`,
	},
	"CloseGrace": {
		reason: "Minutes are written m.",
		accept: `spec: {lifecycle: {closeGrace: 5m}}`,
		reject: `spec: {lifecycle: {closeGrace: 5min}}`,
		want:   `spec.lifecycle.closeGrace: Invalid value: "5min": closeGrace is "5min", which is not a duration: write hours or minutes, for example "30m"`,
	},
	"SleepAfter": {
		reason: "Never is a word of this API, in this case.",
		accept: `spec: {lifecycle: {sleepAfter: Never}}`,
		reject: `spec: {lifecycle: {sleepAfter: never}}`,
		want:   `spec.lifecycle.sleepAfter: Invalid value: "never": sleepAfter is "never", which is not a duration: write hours or minutes, for example "30m", or Never`,
	},
}
