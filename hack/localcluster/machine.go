// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/microstaging/preview-stacks/hack/build"
)

// alternative is what to do on a machine that cannot run a node.
const alternative = "use a cluster you have: make demo CLUSTER=existing"

// cniPlugins is where Debian keeps them.
const cniPlugins = "/usr/lib/cni"

// programs are what a node and its images need besides what is built, and the
// Debian packages that hold them.
var programs = map[string]string{
	"containerd":              "containerd",
	"containerd-shim-runc-v2": "containerd",
	"runc":                    "runc",
	cniPlugins + "/ptp":       "containernetworking-plugins",
	cniPlugins + "/portmap":   "containernetworking-plugins",
	"iptables":                "iptables", // portmap, for the gateway's port
	"nft":                     "nftables",
	"ip":                      "iproute2",
	"mount":                   "mount",
	"npm":                     "npm", // the npm registry has WireMock's jar
	"nsenter":                 "util-linux",
	"sysctl":                  "procps",
}

// checkMachine says why this machine cannot run the cluster.
func checkMachine() error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("cannot run a cluster on %s/%s: it needs linux/amd64; %s", runtime.GOOS, runtime.GOARCH, alternative)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("cannot run a cluster as user %d: it makes a network namespace, mounts and containers, which needs root; run this with sudo, or %s", os.Geteuid(), alternative)
	}
	return nil
}

// installPrograms installs the Debian packages that hold missing programs.
func installPrograms(ctx context.Context) error {
	packages := missingPackages(onMachine)
	if len(packages) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("cannot run a cluster: this machine lacks what is in the Debian packages %s, and has no apt-get; install them, or %s", strings.Join(packages, ", "), alternative)
	}
	return build.Step(ctx, "installing Debian packages "+strings.Join(packages, ", "), func(ctx context.Context) error {
		// Run level 1 keeps maintainer scripts from starting services: the
		// cluster runs a containerd of its own.
		install := append([]string{"env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends"}, packages...)
		if _, err := run(ctx, install...); err == nil {
			return nil
		}
		if _, err := run(ctx, "apt-get", "update"); err != nil {
			return fmt.Errorf("cannot install packages: %w", err)
		}
		if _, err := run(ctx, install...); err != nil {
			return fmt.Errorf("cannot install packages: %w; install them yourself, or %s", err, alternative)
		}
		return nil
	})
}

// missingPackages lists the packages of programs that are not there, sorted.
func missingPackages(there func(program string) bool) []string {
	var packages []string
	for program, pkg := range programs {
		if !there(program) && !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
	}
	slices.Sort(packages)
	return packages
}

func onMachine(program string) bool {
	if filepath.IsAbs(program) {
		_, err := os.Stat(program)
		return !errors.Is(err, fs.ErrNotExist)
	}
	_, err := exec.LookPath(program)
	return err == nil
}
