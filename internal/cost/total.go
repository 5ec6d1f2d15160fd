// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"math/big"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Total is what so much an hour comes to, such as 0.3484 for 4h of 0.0871. It
// is empty when hourly is not a decimal number.
func Total(hourly string, active time.Duration) string {
	// Not big.Rat's own parser: it would work for ever on 1e999999999.
	price, err := resource.ParseQuantity(hourly)
	if err != nil {
		return ""
	}
	return decimal(new(big.Rat).Mul(exact(price), big.NewRat(int64(active), int64(time.Hour))))
}
