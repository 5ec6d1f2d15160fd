// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const cgroups = "/sys/fs/cgroup"

// makeCgroup makes the cgroup that holds all pods of a cluster, in the one
// hierarchy of new machines or in each of those of older ones.
func makeCgroup(name string) error {
	if _, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers")); err == nil {
		return makeUnifiedCgroup(name)
	}
	hierarchies, err := filepath.Glob(filepath.Join(cgroups, "*", "cgroup.procs"))
	if err != nil {
		return err
	}
	for _, procs := range hierarchies {
		if err := makeLegacyCgroup(filepath.Dir(procs), name); err != nil {
			return fmt.Errorf("cannot make cgroup %s of %s: %w", name, filepath.Dir(procs), err)
		}
	}
	return nil
}

func makeUnifiedCgroup(name string) error {
	controllers, err := os.ReadFile(filepath.Join(cgroups, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("cannot make cgroup %s: %w", name, err)
	}
	for controller := range strings.FieldsSeq(string(controllers)) {
		// Some cannot be handed down on some machines. kubelet says so if it needs one.
		_ = os.WriteFile(filepath.Join(cgroups, "cgroup.subtree_control"), []byte("+"+controller), 0)
	}
	if err := os.MkdirAll(filepath.Join(cgroups, name), 0o755); err != nil {
		return fmt.Errorf("cannot make cgroup %s: %w", name, err)
	}
	return nil
}

func makeLegacyCgroup(hierarchy, name string) error {
	if err := os.MkdirAll(filepath.Join(hierarchy, name), 0o755); err != nil {
		return err
	}
	// A new cpuset has no CPUs and no memory, and then no process can join it.
	for _, setting := range []string{"cpuset.cpus", "cpuset.mems"} {
		inherited, err := os.ReadFile(filepath.Join(hierarchy, setting))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(hierarchy, name, setting), inherited, 0); err != nil {
			return err
		}
	}
	return nil
}

// cgroupFolders lists a cgroup and all below it, in every hierarchy, parents first.
func cgroupFolders(name string) ([]string, error) {
	tops := []string{filepath.Join(cgroups, name)}
	legacy, err := filepath.Glob(filepath.Join(cgroups, "*", name))
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, top := range append(tops, legacy...) {
		err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err == nil && entry.IsDir() {
				folders = append(folders, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// cgroupProcesses lists the processes of a cgroup and all below it.
func cgroupProcesses(name string) ([]int, error) {
	folders, err := cgroupFolders(name)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, folder := range folders {
		procs, err := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
		if err != nil {
			continue // It went away meanwhile.
		}
		for field := range strings.FieldsSeq(string(procs)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}
