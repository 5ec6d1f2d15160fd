// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// InstalledName is the name under which Crossplane installs a package that
// another one depends on: its path in the registry as a DNS label. For example
// ghcr.io/acme/function-stack is installed as acme-function-stack.
func InstalledName(reference string) (string, error) {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return "", fmt.Errorf("cannot tell under what name package %s is installed: %w", reference, err)
	}
	label := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-':
			return r
		case r == '/' || r == '.' || r == ':':
			return '-'
		}
		return -1
	}, ref.Context().RepositoryStr())
	return strings.Trim(label[:min(len(label), 63)], "-"), nil
}

// semantic matches versions the package manager can compare.
var semantic = regexp.MustCompile(`^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$`)

// Version returns a version the package manager can compare. It takes no other:
// a tag such as 1a2b3c4, which git describe gives while nothing was released,
// becomes v0.0.0-g1a2b3c4.
func Version(described string) string {
	switch {
	case described == "":
		return "v0.0.0"
	case !semantic.MatchString(described):
		// A prerelease part of digits alone must not start with 0: hence the g.
		return "v0.0.0-g" + described
	case !strings.HasPrefix(described, "v"):
		return "v" + described
	}
	return described
}
