// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"math/big"
	"regexp"
	"time"
)

// plain numbers have no exponent: of 1e999999999 every digit would be worked
// out.
var plain = regexp.MustCompile(`^[0-9]{1,16}(\.[0-9]{1,16})?$`)

// Total is what so much an hour comes to, such as 0.3484 for 4h of 0.0871. It
// is empty when hourly is not a decimal number.
func Total(hourly string, active time.Duration) string {
	if !plain.MatchString(hourly) {
		return ""
	}
	price, ok := new(big.Rat).SetString(hourly)
	if !ok {
		return ""
	}
	return decimal(price.Mul(price, big.NewRat(int64(active), int64(time.Hour))))
}
