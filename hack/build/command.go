// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
)

// Command builds one of this repository's own main packages, such as
// "./functions/stack", for this machine and returns the path of the program.
// It always runs go build, which does nothing when nothing changed. A program
// of another checkout is never returned or replaced.
func Command(ctx context.Context, pkg string) (string, error) {
	return CommandFor(ctx, pkg, runtime.GOOS, runtime.GOARCH)
}

// CommandFor is Command for another system and architecture, as an image needs.
func CommandFor(ctx context.Context, pkg, goos, goarch string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	checkout := sha256.Sum256([]byte(root))
	target := filepath.Join(cache, "own", hex.EncodeToString(checkout[:])[:keyLength], goos+"-"+goarch, path.Base(pkg))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return "", fmt.Errorf("cannot build %s: %w", pkg, err)
	}

	// Built aside and renamed: a program that is running cannot be written to,
	// and two processes may build the same one.
	dir, err := os.MkdirTemp(filepath.Dir(target), ".building-")
	if err != nil {
		return "", fmt.Errorf("cannot build %s: %w", pkg, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built := filepath.Join(dir, path.Base(pkg))
	env := []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}
	if err := runLogged(ctx, cache, "build-"+path.Base(pkg), root, env, "build", "-trimpath", "-ldflags", "-s -w", "-o", built, pkg); err != nil {
		return "", fmt.Errorf("cannot build %s: %w", pkg, err)
	}
	if err := os.Rename(built, target); err != nil {
		return "", fmt.Errorf("cannot keep %s in the cache: %w", pkg, err)
	}
	return target, nil
}
