// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"fmt"
	"net/netip"
	"strings"
)

// firstSubnet and lastSubnet bound the ranges that the bridge may get.
const (
	firstSubnet = 77
	lastSubnet  = 99
)

// freeSubnet is the first range that no route of this machine overlaps.
func freeSubnet(routes []netip.Prefix) (netip.Prefix, error) {
	for second := byte(firstSubnet); second <= lastSubnet; second++ {
		subnet := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, second, 0, 0}), 24)
		if !overlapsAny(subnet, routes) {
			return subnet, nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("cannot find an address range for the cluster: each of 10.%d.0.0/24 to 10.%d.0.0/24 overlaps a route of this machine (see ip route); remove one", firstSubnet, lastSubnet)
}

func overlapsAny(subnet netip.Prefix, routes []netip.Prefix) bool {
	for _, route := range routes {
		if subnet.Overlaps(route) {
			return true
		}
	}
	return false
}

// parseRoutes reads what ip -4 route show prints. Default routes are left out:
// they overlap everything and clash with nothing.
func parseRoutes(out string) []netip.Prefix {
	var routes []netip.Prefix
	for line := range strings.Lines(out) {
		for _, field := range strings.Fields(line) {
			if prefix, err := netip.ParsePrefix(field); err == nil {
				routes = append(routes, prefix)
				break
			}
			if address, err := netip.ParseAddr(field); err == nil {
				routes = append(routes, netip.PrefixFrom(address, address.BitLen()))
				break
			}
			if field == "default" {
				break
			}
		}
	}
	return routes
}

// nodeAddress and hostAddress are the two ends of the wire between the cluster
// and this machine.
func nodeAddress(subnet netip.Prefix) netip.Addr { return subnet.Addr().Next() }
func hostAddress(subnet netip.Prefix) netip.Addr { return nodeAddress(subnet).Next() }
