// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package build makes the programs that the tests, the demo and the local
// cluster run: third-party tools from the nested modules below hack/tools, and
// this repository's own commands.
//
// Everything is built with the go command from pinned, checksummed modules and
// kept in a cache outside the repository, so that only the first run waits.
// The package starts no program it built (see hack/process) and makes no images
// (see hack/images).
package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cacheEnv names the environment variable that moves the cache.
const cacheEnv = "PREVIEW_CACHE"

// CacheDir is the folder that holds built programs, logs and the state of runs:
// $PREVIEW_CACHE, else preview-stacks below the user's cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv(cacheEnv); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find a folder for built programs: %w; set %s to one", err, cacheEnv)
	}
	return filepath.Join(dir, "preview-stacks"), nil
}

// Root is the folder of this repository's checkout: the nearest one, from the
// working folder upwards, that holds both go.mod and hack/tools. Tests and
// commands run somewhere inside the checkout, and a path compiled into the
// binary would not survive -trimpath.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("cannot find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) && exists(filepath.Join(dir, "hack", "tools")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("cannot find the repository: %s is not inside a checkout; run this from one", start)
		}
	}
}

// goCommand finds the go command, or says how to get it.
func goCommand() (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("cannot find the go command: %w; install Go 1.26 or newer from https://go.dev/dl and put it on PATH", err)
	}
	return path, nil
}

// goEnv is the environment of every go command: the caller's, with overrides.
// A go.work file somewhere above must not change what is built.
func goEnv(overrides ...string) []string {
	return append(append(os.Environ(), "GOWORK=off"), overrides...)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// tail is the last lines of text, for an error message.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
