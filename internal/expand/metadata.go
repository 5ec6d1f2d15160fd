// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"net/netip"

	networkingv1 "k8s.io/api/networking/v1"
)

// closed are the addresses that hand a machine's own credentials to whoever
// asks. No stack reaches them, whatever address range is opened.
var closed = []netip.Prefix{
	netip.MustParsePrefix("100.100.100.200/32"), // Alibaba Cloud
	netip.MustParsePrefix("169.254.169.254/32"), // AWS, Azure, Google Cloud, DigitalOcean, Hetzner, OpenStack
	netip.MustParsePrefix("169.254.170.2/32"),   // AWS ECS
	netip.MustParsePrefix("169.254.170.23/32"),  // AWS EKS Pod Identity
	netip.MustParsePrefix("fd00:ec2::23/128"),   // AWS EKS Pod Identity, IPv6
	netip.MustParsePrefix("fd00:ec2::254/128"),  // AWS, IPv6
}

// ipBlock is an address range without the closed addresses. It is false for
// what is no range, for IPv4 addresses written as IPv6, which a comparison with
// the closed ones would miss, and for a range that is a closed address itself:
// an exception as large as its range is not valid.
func ipBlock(cidr string) (*networkingv1.IPBlock, bool) {
	open, err := netip.ParsePrefix(cidr)
	if err != nil || open.Addr().Is4In6() {
		return nil, false
	}
	block := &networkingv1.IPBlock{CIDR: open.Masked().String()}
	for _, c := range closed {
		switch {
		case !open.Overlaps(c):
		case open.Bits() >= c.Bits():
			return nil, false
		default:
			block.Except = append(block.Except, c.String())
		}
	}
	return block, true
}
