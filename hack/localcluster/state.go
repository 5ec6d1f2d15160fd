// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/microstaging/preview-stacks/hack/build"
)

// DefaultName is the cluster of a caller that names none.
const DefaultName = "local"

// A state is what a run folder remembers of its cluster, for the programs that
// did not start it. It is written before anything is made, so that a killed
// start can be cleaned up.
type state struct {
	Name   string       `json:"name"`
	Subnet netip.Prefix `json:"subnet"`

	// BrowserPort is where the gateway answers on 127.0.0.1.
	BrowserPort int `json:"browserPort"`

	// Up says that the cluster came up whole.
	Up bool `json:"up"`

	// Sysctls are the kernel's settings before kubelet changed them.
	Sysctls map[string]string `json:"sysctls"`
}

// runDir is the run folder of a cluster.
func runDir(name string) (string, error) {
	if name != filepath.Base(name) || name == "." || name == ".." || len(name) > 20 {
		return "", fmt.Errorf("the cluster's name is %q: use at most 20 letters, digits and dashes", name)
	}
	cache, err := build.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "run", "cluster-"+name), nil
}

func (s state) network() network {
	return network{namespace: "preview-" + s.Name, subnet: s.Subnet}
}

func readState(dir string) (state, error) {
	var s state
	data, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("%w: %s holds no cluster", errNone, dir)
	}
	if err != nil {
		return s, fmt.Errorf("cannot read the state of the cluster: %w", err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("cannot read the state of the cluster: %s: %w", filepath.Join(dir, stateFile), err)
	}
	return s, nil
}

const stateFile = "cluster.json"

// errNone says that there is no cluster.
var errNone = errors.New("there is no cluster")

func (s state) write(dir string) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write the state of the cluster: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot write the state of the cluster: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, stateFile), data, 0o644); err != nil {
		return fmt.Errorf("cannot write the state of the cluster: %w", err)
	}
	return nil
}
