// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package process

import (
	"errors"
	"fmt"
	"syscall"
)

var errGone = errors.New("the process has ended")

func attributes(Mode) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// identify fails: without it no child is let live. The commands compile here so
// that they can say what to do instead.
func identify(int) (identity, error) {
	return identity{}, fmt.Errorf("child processes are only supervised on Linux; use an existing cluster: %w", errors.ErrUnsupported)
}
