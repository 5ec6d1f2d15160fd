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
		Requests:  corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1500m"), corev1.ResourceMemory: resource.MustParse("3Gi")},
		Storage:   resource.MustParse("30Gi"),
		Databases: 1,
	}
	cases := map[string]struct {
		reason   string
		prices   *v1alpha1.Prices
		reserved stack.Reserved
		want     *v1alpha1.Cost
	}{
		"NoPrices": {
			reason: "without a price sheet there is no figure, rather than a false zero", reserved: reserved,
		},
		"All": {
			reason:   "1.5 cores, 3 GiB, 30 GiB and a branch: 0.0465 + 0.012 + 0.0042 + 0.01",
			prices:   &v1alpha1.Prices{Currency: "EUR", CPU: price("0.031"), Memory: price("0.004"), Storage: price("0.00014"), Database: price("0.01")},
			reserved: reserved,
			want:     &v1alpha1.Cost{Hourly: "0.0727", Currency: "EUR"},
		},
		"Some": {
			reason:   "what has no price costs nothing",
			prices:   &v1alpha1.Prices{Currency: "USD", CPU: price("2")},
			reserved: reserved,
			want:     &v1alpha1.Cost{Hourly: "3", Currency: "USD"},
		},
		"Large": {
			reason:   "zeros before the point stay",
			prices:   &v1alpha1.Prices{Currency: "USD", Database: price("10k")},
			reserved: reserved,
			want:     &v1alpha1.Cost{Hourly: "10000", Currency: "USD"},
		},
		"Rounded": {
			reason:   "half a unit of the last place is rounded up",
			prices:   &v1alpha1.Prices{Currency: "USD", Database: price("50u")},
			reserved: reserved,
			want:     &v1alpha1.Cost{Hourly: "0.0001", Currency: "USD"},
		},
		"Empty": {
			reason: "a stack of nothing costs nothing",
			prices: &v1alpha1.Prices{Currency: "USD", CPU: price("2")},
			want:   &v1alpha1.Cost{Hourly: "0", Currency: "USD"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Hourly(tc.prices, tc.reserved)); diff != "" {
				t.Errorf("%s: Hourly(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
