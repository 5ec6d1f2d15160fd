// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

// claimRules are about what only claims have.
var claimRules = map[string]rule{
	"SomethingRuns": {
		reason: "A claim that runs nothing would be Ready at once and show nothing.",
		accept: `spec: {services: null, blueprintRef: {series: shop}}`,
		reject: `spec: {services: {web: null}}`,
		want:   `spec: Invalid value: nothing to run: name a blueprint (spec.blueprintRef: {series: shop}) or list at least one service under spec.services`,
	},
	"SourceMissing": {
		reason: "Without a source nobody could tell what the environment shows.",
		accept: `spec: {source: {branch: main}}`,
		reject: `spec: {source: null}`,
		want:   `spec.source: Required value`,
	},
	"Repository": {
		reason: "CI jobs paste the URL of the repository.",
		accept: `spec: {source: {repository: acme/web/shop}}`,
		reject: `spec: {source: {repository: "https://github.com/acme/shop"}}`,
		want:   `spec.source.repository: Invalid value: "https://github.com/acme/shop": repository is "https://github.com/acme/shop": write owner/name as the forge shows it, without protocol, host and .git, for example "acme/shop"`,
	},
	"RepositoryOfGit": {
		reason: "Clone addresses end in .git, which no forge shows.",
		accept: `spec: {source: {repository: acme/shop.js}}`,
		reject: `spec: {source: {repository: "acme/shop.git"}}`,
		want:   `spec.source.repository: Invalid value: "acme/shop.git": repository is "acme/shop.git": write owner/name as the forge shows it, without protocol, host and .git, for example "acme/shop"`,
	},
	"Revision": {
		reason: "A branch does not say what runs.",
		accept: `spec: {source: {revision: 9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5}}`,
		reject: `spec: {source: {revision: main}}`,
		want:   `spec.source.revision: Invalid value: "main": revision is "main", which is not a commit: write its hash, 7 to 64 lower-case hexadecimal digits, for example "9f1c2ab"`,
	},
	"RevisionWithLineBreak": {
		reason: "Shell output ends in a line break; a message cannot hold one.",
		accept: `spec: {source: {revision: "0123456"}}`,
		reject: `spec: {source: {revision: "9f1c2ab\n"}}`,
		want:   `spec.source.revision: Invalid value: "9f1c2ab\n": revision is not a commit: write its hash, 7 to 64 lower-case hexadecimal digits, for example "9f1c2ab"`,
	},
	"RevisionIsText": {
		reason: "A hash of digits only is a number to YAML.",
		accept: `spec: {source: {revision: "1234567"}}`,
		reject: `spec: {source: {revision: 1234567}}`,
		want:   `spec.source.revision: Invalid value: "integer": spec.source.revision in body must be of type string: "integer"`,
	},
	"Forge": {
		reason: "Forges are written as they write themselves.",
		accept: `spec: {source: {forge: GitHub}}`,
		reject: `spec: {source: {forge: github}}`,
		want:   `spec.source.forge: Unsupported value: "github": supported values: "GitHub", "GitLab", "Gitea", "Bitbucket"`,
	},
	"PullRequest": {
		reason: "A template that leaves a number out writes zero.",
		accept: `spec: {source: {pullRequest: 402}}`,
		reject: `spec: {source: {pullRequest: 0}}`,
		want:   `spec.source.pullRequest: Invalid value: 0: spec.source.pullRequest in body should be greater than or equal to 1`,
	},
	"PullRequestIsANumber": {
		reason: "People write numbers of pull requests with a hash.",
		accept: `spec: {source: {pullRequest: 1}}`,
		reject: `spec: {source: {pullRequest: "#402"}}`,
		want:   `spec.source.pullRequest: Invalid value: "string": spec.source.pullRequest in body must be of type integer: "string"`,
	},
	"BlueprintByOneKey": {
		reason: "A blueprint is one, or the newest of a series.",
		accept: `spec: {blueprintRef: {name: shop-v3}}`,
		reject: `spec: {blueprintRef: {name: shop-v3, series: shop}}`,
		want:   `spec.blueprintRef: Invalid value: set exactly one of blueprintRef.name (one blueprint, such as shop-v3) and blueprintRef.series (its newest version, such as shop)`,
	},
	"BlueprintByAnyKey": {
		reason: "A reference has to name something.",
		accept: `spec: {blueprintRef: {series: shop}}`,
		reject: `spec: {blueprintRef: {}}`,
		want:   `spec.blueprintRef: Invalid value: set exactly one of blueprintRef.name (one blueprint, such as shop-v3) and blueprintRef.series (its newest version, such as shop)`,
	},
	"BlueprintSeries": {
		reason: "A series is a label's value; no blueprint could be of another.",
		accept: `spec: {blueprintRef: {series: shop}}`,
		reject: `spec: {blueprintRef: {series: my shop}}`,
		want:   `spec.blueprintRef.series: Invalid value: "my shop": series is "my shop": use letters, digits, hyphens, underscores and dots, for example "shop"`,
	},
	"ClassName": {
		reason: "Helm templates leave a name empty.",
		accept: `spec: {classRef: {name: standard}}`,
		reject: `spec: {classRef: {name: ""}}`,
		want:   `spec.classRef.name: Invalid value: "": spec.classRef.name in body should be at least 1 chars long`,
	},
	"TTL": {
		reason: "People write durations in words.",
		accept: `spec: {lifecycle: {ttl: 1h30m}}`,
		reject: `spec: {lifecycle: {ttl: 3 days}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "3 days": ttl is "3 days", which is not a duration: write hours or minutes, for example "72h"`,
	},
	"TTLInDays": {
		reason: "Days are not a unit: they have not the same length everywhere.",
		accept: `spec: {lifecycle: {ttl: Never}}`,
		reject: `spec: {lifecycle: {ttl: 3d}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "3d": ttl is "3d", which is not a duration: write hours or minutes, for example "72h"`,
	},
	"TTLOfZero": {
		reason: "A stack that is born expired is a typo.",
		accept: `spec: {lifecycle: {ttl: 30s}}`,
		reject: `spec: {lifecycle: {ttl: 0h}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "0h": ttl is "0h", which is not a duration: write hours or minutes, for example "72h"`,
	},
	"TTLIsText": {
		reason: "A bare number has no unit.",
		accept: `spec: {lifecycle: {ttl: "72h"}}`,
		reject: `spec: {lifecycle: {ttl: 72}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "integer": spec.lifecycle.ttl in body must be of type string: "integer"`,
	},
	"TTLIsShort": {
		reason: "What is too long is not repeated in full.",
		accept: `spec: {lifecycle: {ttl: 1h}}`,
		reject: `spec: {lifecycle: {ttl: 1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h1h}}`,
		want:   `spec.lifecycle.ttl: Too long: may not be more than 32 bytes`,
	},
	"CloseGrace": {
		reason: "Zero is right here: gone with the pull request.",
		accept: `spec: {lifecycle: {closeGrace: 0m}}`,
		reject: `spec: {lifecycle: {closeGrace: half an hour}}`,
		want:   `spec.lifecycle.closeGrace: Invalid value: "half an hour": closeGrace is "half an hour", which is not a duration: write hours or minutes, for example "30m"`,
	},
	"SleepAfter": {
		reason: "Never is a word of this API, in this case.",
		accept: `spec: {lifecycle: {sleepAfter: Never}}`,
		reject: `spec: {lifecycle: {sleepAfter: never}}`,
		want:   `spec.lifecycle.sleepAfter: Invalid value: "never": sleepAfter is "never", which is not a duration: write hours or minutes, for example "30m", or Never`,
	},
	"OnExpire": {
		reason: "Retire and Delete are all there is.",
		accept: `spec: {lifecycle: {onExpire: Delete}}`,
		reject: `spec: {lifecycle: {onExpire: Keep}}`,
		want:   `spec.lifecycle.onExpire: Unsupported value: "Keep": supported values: "Retire", "Delete"`,
	},
	"RenewOn": {
		reason: "A push is the only event that renews.",
		accept: `spec: {lifecycle: {renewOn: [Push]}}`,
		reject: `spec: {lifecycle: {renewOn: [Comment]}}`,
		want:   `spec.lifecycle.renewOn[0]: Unsupported value: "Comment": supported values: "Push"`,
	},
	"UnknownField": {
		reason: "A typo in a field's name would be ignored in silence.",
		accept: `spec: {lifecycle: {ttl: 4h}}`,
		reject: `spec: {lifecycle: {timeToLive: 4h}}`,
		want:   `PreviewStack in version "v1alpha1" cannot be handled as a PreviewStack: strict decoding error: unknown field "spec.lifecycle.timeToLive"`,
	},
	"Name": {
		reason: "Crossplane carries a claim's name as a label.",
		accept: `metadata: {name: a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g23}`,
		reject: `metadata: {name: a23456789-b23456789-c23456789-d23456789-e23456789-f23456789-g234}`,
		want:   `metadata.name: Too long: may not be more than 63 bytes`,
	},
}
