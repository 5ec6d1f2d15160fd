// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// errGone says that a process has ended.
var errGone = errors.New("the process has ended")

// attributes of a child. Each leads a process group, so that Ctrl-C in a
// terminal reaches only this program, which then stops them in order, and so
// that its own children can be killed with it.
func attributes(mode Mode) *syscall.SysProcAttr {
	if mode == Detached {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// identify reads who a process is. It fails with errGone when there is none, or
// only its exit status waits to be read.
func identify(pid int) (identity, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return identity{}, errGone
	}
	if err != nil {
		return identity{}, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return identity{}, err
	}

	// "pid (name) state ...": the name may hold spaces and parentheses, so what is
	// counted begins after it. In proc_pid_stat(5) these are fields 3 and 22.
	const state, startTime = 0, 19
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) <= startTime {
		return identity{}, fmt.Errorf("cannot read the start time of process %d from %q", pid, stat)
	}
	if fields[state] == "Z" || fields[state] == "X" {
		return identity{}, errGone
	}
	return identity{PID: pid, StartTime: fields[startTime], Boot: strings.TrimSpace(string(boot))}, nil
}
