// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// interruptGrace is how long an interrupted go command may take to remove its
// work folder before it is killed.
const interruptGrace = 10 * time.Second

// runLogged runs a go command in a folder with its output in a log file. An
// error carries the end of the log and says where the rest is.
func runLogged(ctx context.Context, cache, name, dir string, env []string, args ...string) error {
	path, err := goCommand()
	if err != nil {
		return err
	}
	logPath := filepath.Join(cache, "log", name+".log")
	if err := os.MkdirAll(filepath.Dir(logPath), 0o755); err != nil {
		return err
	}
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()

	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = goEnv(env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interruptGrace
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		said, _ := os.ReadFile(logPath)
		return fmt.Errorf("go %s in %s: %w\n%s\nthe whole log: %s", strings.Join(args, " "), dir, err, tail(string(said), 20), logPath)
	}
	return nil
}
