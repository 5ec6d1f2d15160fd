// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func TestHourly(t *testing.T) {
	price := func(text string) *resource.Quantity { return ptr.To(resource.MustParse(text)) }
	reserved := stack.Reserved{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("1500m"),
			corev1.ResourceMemory: resource.MustParse("2560Mi"),
		},
		Storage:   resource.MustParse("10Gi"),
		Databases: 2,
	}
	cases := map[string]struct {
		reason string
		prices *v1alpha1.Prices
		want   *v1alpha1.Cost
	}{
		"NoPrices": {reason: "a class without prices shows no cost"},
		"All": {
			reason: "1.5 x 0.031 + 2.5 x 0.004 + 10 x 0.00014 + 2 x 0.01",
			prices: &v1alpha1.Prices{
				Currency: "EUR", CPU: price("0.031"), Memory: price("0.004"), Storage: price("0.00014"), Database: price("0.01"),
			},
			want: &v1alpha1.Cost{Hourly: "0.078", Currency: "EUR"},
		},
		"Some": {
			reason: "what has no price is free",
			prices: &v1alpha1.Prices{Currency: "EUR", Database: price("0.01")},
			want:   &v1alpha1.Cost{Hourly: "0.020", Currency: "EUR"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Hourly(tc.prices, reserved)); diff != "" {
				t.Errorf("%s: Hourly(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
