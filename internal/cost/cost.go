// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package cost prices what a stack reserves. It knows no usage and no bills:
// what is reserved is what the cluster must provide.
package cost

import (
	"math/big"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// digits behind the decimal point of an amount: a small service alone costs
// less than a thousandth.
const digits = 4

// gibibyte is what memory and storage are priced by.
var gibibyte = big.NewRat(1<<30, 1)

// Hourly is what a stack's requests, volumes and databases cost in an hour.
// It is nil where the class has no prices.
func Hourly(prices *v1alpha1.Prices, r stack.Reserved) *v1alpha1.Cost {
	if prices == nil {
		return nil
	}
	sum := new(big.Rat)
	add := func(price *resource.Quantity, amount *big.Rat) {
		if price != nil {
			sum.Add(sum, amount.Mul(amount, exact(*price)))
		}
	}
	add(prices.CPU, exact(r.Requests[corev1.ResourceCPU]))
	add(prices.Memory, gibibytes(r.Requests[corev1.ResourceMemory]))
	add(prices.Storage, gibibytes(r.Storage))
	add(prices.Database, big.NewRat(int64(r.Databases), 1))
	return &v1alpha1.Cost{Hourly: decimal(sum), Currency: prices.Currency}
}

// decimal rounds half away from zero and leaves out zeros at the end.
func decimal(r *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(digits), "0"), ".")
}

func gibibytes(q resource.Quantity) *big.Rat { return new(big.Rat).Quo(exact(q), gibibyte) }

// exact turns a quantity into a fraction, as sums of money take no rounding on
// the way.
func exact(q resource.Quantity) *big.Rat {
	// AsDec changes the quantity that it is called on; q is a copy.
	r, ok := new(big.Rat).SetString(q.AsDec().String())
	if !ok {
		return new(big.Rat)
	}
	return r
}
