// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

func TestMerge(t *testing.T) {
	cases := map[string]struct {
		reason                 string
		blueprint, claim, want string
	}{
		"FieldByField": {
			reason:    "a claim that sets one variable keeps the image and the other variables",
			blueprint: `services: {web: {image: a, env: {A: "1", B: "2"}, replicas: 2}}`,
			claim:     `services: {web: {env: {B: "3"}}}`,
			want:      `services: {web: {image: a, env: {A: "1", B: "3"}, replicas: 2}}`,
		},
		"KeyByKey": {
			reason:    "parts of both are there",
			blueprint: `{services: {web: {image: a}}, volumes: {x: {size: 1Gi}}}`,
			claim:     `{services: {api: {image: b}}, volumes: {y: {size: 2Gi}}}`,
			want:      `{services: {web: {image: a}, api: {image: b}}, volumes: {x: {size: 1Gi}, y: {size: 2Gi}}}`,
		},
		"ListsAreReplaced": {
			reason:    "half of one command line and half of another make no third",
			blueprint: `services: {web: {args: [serve, --fast]}}`,
			claim:     `services: {web: {args: [debug]}}`,
			want:      `services: {web: {args: [debug]}}`,
		},
		"AlternativesAreReplaced": {
			reason:    "a check by HTTP does not keep the blueprint's check by TCP",
			blueprint: `{services: {web: {healthcheck: {tcp: {port: a}}}}, secrets: {s: {generate: {length: 20}}}}`,
			claim:     `{services: {web: {healthcheck: {http: {path: /x}}}}, secrets: {s: {secretRef: {name: x}}}}`,
			want:      `{services: {web: {healthcheck: {http: {path: /x}}}}, secrets: {s: {secretRef: {name: x}}}}`,
		},
		"ZeroReplicas": {
			reason:    "an explicit zero is a value",
			blueprint: `services: {web: {replicas: 2}}`,
			claim:     `services: {web: {replicas: 0}}`,
			want:      `services: {web: {replicas: 0}}`,
		},
		"EmptyVariable": {
			reason:    "an explicit empty string is a value",
			blueprint: `services: {web: {env: {A: "1"}}}`,
			claim:     `services: {web: {env: {A: ""}}}`,
			want:      `services: {web: {env: {A: ""}}}`,
		},
		"QuantityWithin": {
			reason:    "one amount of the resources is overridden alone",
			blueprint: `services: {web: {resources: {limits: {cpu: "1", memory: 1Gi}}}}`,
			claim:     `services: {web: {resources: {limits: {memory: 2Gi}}}}`,
			want:      `services: {web: {resources: {limits: {cpu: "1", memory: 2Gi}}}}`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			blueprint := read[v1alpha1.StackTemplate](t, tc.blueprint)
			before := blueprint.DeepCopy()
			got := Merge(blueprint, read[v1alpha1.StackTemplate](t, tc.claim))
			if diff := cmp.Diff(read[v1alpha1.StackTemplate](t, tc.want), got); diff != "" {
				t.Errorf("%s: Merge(): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(*before, blueprint); diff != "" {
				t.Errorf("Merge() changed the blueprint:\n%s", diff)
			}
		})
	}
}
