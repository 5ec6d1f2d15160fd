// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFreeSubnet(t *testing.T) {
	all := netip.MustParsePrefix("10.0.0.0/8")
	cases := map[string]struct {
		reason string
		routes string
		want   string
		fails  bool
	}{
		"Usual": {
			reason: "a default route overlaps everything and clashes with nothing",
			routes: "default via 192.0.2.1 dev eth0\n192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2\n",
			want:   "10.77.0.0/24",
		},
		"Taken": {
			reason: "a network of this machine inside the range makes the next one be used",
			routes: "10.77.0.128/25 dev docker0\nlocal 10.78.0.7 dev lo table local\n",
			want:   "10.79.0.0/24",
		},
		"Blackhole": {
			reason: "the type of a route comes before its range",
			routes: "blackhole 10.77.0.0/16\n",
			want:   "10.78.0.0/24",
		},
		"None": {
			reason: "a route to all of it, as some VPNs have, leaves nothing",
			routes: all.String() + " dev tun0\n",
			fails:  true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := freeSubnet(parseRoutes(tc.routes))
			if (err != nil) != tc.fails {
				t.Fatalf("%s: freeSubnet(...): %v", tc.reason, err)
			}
			if tc.fails {
				return
			}
			if diff := cmp.Diff(tc.want, got.String()); diff != "" {
				t.Errorf("%s: freeSubnet(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
