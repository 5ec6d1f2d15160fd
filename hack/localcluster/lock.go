// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/microstaging/preview-stacks/hack/build"
)

// lockInterval is how often a lock that another program holds is tried: a
// blocked flock could not be cancelled.
const lockInterval = 200 * time.Millisecond

// lock keeps two programs from starting or removing one cluster at once. The
// kernel drops the lock of a program that dies.
func lock(ctx context.Context, name string) (unlock func(), err error) {
	dir, err := runDir(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("cannot lock cluster %s: %w", name, err)
	}
	// Beside the run folder: that one is removed while the lock is held.
	file, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot lock cluster %s: %w", name, err)
	}
	if err := awaitLock(ctx, file, name); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil
}

func awaitLock(ctx context.Context, file *os.File, name string) error {
	ticker := time.NewTicker(lockInterval)
	defer ticker.Stop()
	for told := false; ; told = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("cannot lock cluster %s: %w", name, err)
		}
		if !told {
			build.Printf(ctx, "waiting for another program that starts or removes cluster %s\n", name)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cannot lock cluster %s, which another program starts or removes: %w", name, ctx.Err())
		case <-ticker.C:
		}
	}
}
