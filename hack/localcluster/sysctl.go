// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// kubeletSysctls are the settings of the whole machine that kubelet changes.
var kubeletSysctls = []string{
	"kernel/keys/root_maxbytes", "kernel/keys/root_maxkeys", "kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory", "vm/panic_on_oom",
}

// readSysctls reads the kernel's settings, to be restored later.
func readSysctls() (map[string]string, error) {
	settings := map[string]string{}
	for _, name := range kubeletSysctls {
		value, err := os.ReadFile(filepath.Join("/proc/sys", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read a setting of the kernel: %w", err)
		}
		settings[name] = strings.TrimSpace(string(value))
	}
	return settings, nil
}

func writeSysctls(settings map[string]string) error {
	for name, value := range settings {
		path := filepath.Join("/proc/sys", name)
		now, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("cannot restore a setting of the kernel: %w", err)
		}
		if strings.TrimSpace(string(now)) == value {
			continue
		}
		if err := os.WriteFile(path, []byte(value), 0); err != nil {
			return fmt.Errorf("cannot restore a setting of the kernel: %w", err)
		}
	}
	return nil
}
