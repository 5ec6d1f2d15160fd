// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMissingPackages(t *testing.T) {
	cases := map[string]struct {
		reason string
		there  func(string) bool
		want   []string
	}{
		"All": {
			reason: "nothing is installed when everything is there",
			there:  func(string) bool { return true },
		},
		"Plugins": {
			reason: "a package is named once, however many programs it holds",
			there:  func(program string) bool { return program[0] != '/' },
			want:   []string{"containernetworking-plugins"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, missingPackages(tc.there)); diff != "" {
				t.Errorf("%s: missingPackages(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestMountsBelow(t *testing.T) {
	const mountinfo = `36 35 98:0 / /run/a rw - ext4 /dev/root rw
37 36 0:5 / /cache/my\040run/node/volume rw - tmpfs none rw
38 36 0:6 / /cache/my\040run-2/node rw - tmpfs none rw
`
	want := []string{"/cache/my run/node/volume"}
	if diff := cmp.Diff(want, mountsBelow(mountinfo, "/cache/my run")); diff != "" {
		t.Errorf("only what is below the folder itself is unmounted: mountsBelow(...): -want, +got:\n%s", diff)
	}
}
