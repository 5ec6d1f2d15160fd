// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// killTimeout is how long killed containers may take to go away.
const killTimeout = 30 * time.Second

// stop ends and removes everything of a cluster but its logs. Each step is right
// whatever the steps before a kill -9 or a reboot left. The state is removed
// last: when a step fails, the next Down finds it and tries again.
func (c *Cluster) stop(ctx context.Context) error {
	n := c.state.network()
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return killAll(ctx, n) },
		c.stopProcesses,
		func(ctx context.Context) error { return unmountBelow(ctx, c.dir) },
		n.remove,
		func(context.Context) error { return removeCgroup(n.namespace) },
		func(context.Context) error { return c.removeTraces() },
		func(context.Context) error { return writeSysctls(c.state.Sysctls) },
		func(context.Context) error { return os.RemoveAll(c.nodeDir()) },
		func(context.Context) error { return os.RemoveAll(c.Kubeconfig()) },
		func(context.Context) error { return os.RemoveAll(filepath.Join(c.dir, stateFile)) },
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return fmt.Errorf("cannot remove the cluster: %w; run this again", err)
		}
	}
	return nil
}

func (c *Cluster) stopProcesses(ctx context.Context) error {
	if c.control != nil {
		return c.control.Stop(ctx)
	}
	return controlplane.Remove(ctx, c.dir)
}

// killAll kills what runs in the pods' cgroup and in the node's network
// namespace: the containers, their shims, which outlive containerd by design,
// and the node's and the control plane's processes. Nothing is asked to end in
// peace: nothing of it is kept, and the API server would wait for the pods'
// watches to end.
func killAll(ctx context.Context, n network) error {
	gone := func(context.Context) (bool, error) {
		pids, err := cgroupProcesses(n.namespace)
		if err != nil {
			return false, err
		}
		inside, err := namespaceProcesses(n)
		if err != nil {
			return false, err
		}
		pids = append(pids, inside...)
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, fmt.Errorf("cannot kill process %d: %w", pid, err)
			}
		}
		return len(pids) == 0, nil
	}
	if err := wait.PollUntilContextTimeout(ctx, addonInterval, killTimeout, true, gone); err != nil {
		return fmt.Errorf("cannot kill the containers: %w", err)
	}
	return nil
}

// namespaceProcesses lists the processes in a network namespace.
func namespaceProcesses(n network) ([]int, error) {
	namespace, err := os.Stat(n.path())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, process := range processes {
		inside, err := insideNamespace(process, namespace)
		if err != nil {
			return nil, err
		}
		if pid, err := strconv.Atoi(filepath.Base(process)); err == nil && inside {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// insideNamespace tells whether all threads of a process are in a network
// namespace. A program that only dials into it, as this one does, may have left
// its main thread there, by which the kernel shows the process.
func insideNamespace(process string, namespace os.FileInfo) (bool, error) {
	threads, err := filepath.Glob(filepath.Join(process, "task", "[0-9]*", "ns", "net"))
	if err != nil {
		return false, err
	}
	inside := false
	for _, thread := range threads {
		of, err := os.Stat(thread)
		if err != nil {
			continue // It ended meanwhile, or is ending and has no namespace.
		}
		if !os.SameFile(of, namespace) {
			return false, nil
		}
		inside = true
	}
	return inside, nil
}

// unmountBelow unmounts everything below a folder, the innermost first.
func unmountBelow(ctx context.Context, dir string) error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	for _, mount := range slices.Backward(mountsBelow(string(mounts), dir)) {
		if _, err := run(ctx, "umount", "--lazy", "--no-mtab", mount); err != nil {
			return err
		}
	}
	return nil
}

// mountsBelow reads the mount points below a folder out of proc_pid_mountinfo(5).
func mountsBelow(mountinfo, dir string) []string {
	unescape := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	var mounts []string
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		if mount := unescape.Replace(fields[4]); strings.HasPrefix(mount, dir+"/") {
			mounts = append(mounts, mount)
		}
	}
	return mounts
}

// removeCgroup removes a cgroup and all below it.
func removeCgroup(name string) error {
	folders, err := cgroupFolders(name)
	if err != nil {
		return err
	}
	for _, folder := range slices.Backward(folders) {
		if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("cannot remove a cgroup: %w", err)
		}
	}
	return nil
}

// fixedFolders are made by the node's programs whatever they are told, children
// first.
var fixedFolders = []string{
	"/var/log/containers", "/var/lib/cni/results", "/var/lib/cni", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet",
	"/run/containerd/s", "/run/containerd", "/run/mount",
}

// removeTraces removes what the node's programs wrote to fixed places, and the
// folders they made for it when they are empty then.
func (c *Cluster) removeTraces() error {
	traces, err := findTraces(c.dir)
	if err != nil {
		return err
	}
	for _, trace := range traces {
		if err := os.Remove(trace); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	for _, folder := range fixedFolders {
		_ = os.Remove(folder) // It stays when something else is in it.
	}
	return nil
}

// findTraces lists what the node's programs wrote to fixed places for the
// cluster in a run folder. Another cluster's, or another program's, is not in it.
func findTraces(dir string) ([]string, error) {
	var traces []string
	for pattern, ours := range map[string]func(path string) bool{
		"/var/log/containers/*": func(path string) bool {
			target, err := os.Readlink(path)
			return err == nil && strings.HasPrefix(target, dir+"/")
		},
		// Each names the pod's network namespace, which is below the run folder.
		"/var/lib/cni/results/*": func(path string) bool {
			data, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(data), dir+"/")
		},
		// Their names do not tell whose they are, but what is killed no longer listens.
		"/run/containerd/s/*":                    deadSocket,
		"/var/lib/kubelet/device-plugins/*.sock": deadSocket,
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if ours(path) {
				traces = append(traces, path)
			}
		}
	}
	return traces, nil
}

// deadSocket tells whether nobody listens at a socket.
func deadSocket(path string) bool {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
