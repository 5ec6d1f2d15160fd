// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ours are patterns of files that only this package writes: one that matches
// but was not generated is left over from a type that is gone.
var ours = []string{
	"apis/*/zz_generated.deepcopy.go",
	"apis/*/*/zz_generated.deepcopy.go",
	"package/functions/*/*microstaging.dev_*.yaml",
	"package/provider/crds/*.yaml",
}

// update carries the stage into the repository.
func update(root, stage string) error {
	changed, left, err := compare(root, stage)
	if err != nil {
		return err
	}
	for _, name := range changed {
		if err := carry(filepath.Join(stage, name), filepath.Join(root, name)); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	for _, name := range left {
		if err := os.Remove(filepath.Join(root, name)); err != nil {
			return fmt.Errorf("cannot remove %s, which nothing generates any more: %w", name, err)
		}
	}
	return nil
}

// check says what update would do.
func check(root, stage string) error {
	changed, left, err := compare(root, stage)
	if err != nil {
		return err
	}
	if len(changed)+len(left) == 0 {
		return nil
	}
	var lines []string
	for _, name := range changed {
		lines = append(lines, "  "+name+" is not what the Go types say")
	}
	for _, name := range left {
		lines = append(lines, "  "+name+" is not generated any more")
	}
	return errors.New("generated files are out of date:\n" + strings.Join(lines, "\n") + "\nrun \"make generate\" and commit what it changes")
}

// compare lists files that differ between stage and repository, and files of
// the repository that the stage lacks.
func compare(root, stage string) (changed, left []string, err error) {
	names, err := files(stage)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot list what was generated: %w", err)
	}
	for _, name := range names {
		same, err := equal(filepath.Join(stage, name), filepath.Join(root, name))
		if err != nil {
			return nil, nil, err
		}
		if !same {
			changed = append(changed, name)
		}
	}
	for _, pattern := range ours {
		matches, err := fs.Glob(os.DirFS(root), pattern)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot look for old generated files: %w", err)
		}
		for _, name := range matches {
			if !slices.Contains(names, name) {
				left = append(left, name)
			}
		}
	}
	return changed, left, nil
}

// files lists the files of the stage that belong into the repository.
func files(stage string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(stage), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == scratch:
			return fs.SkipDir
		case !entry.IsDir():
			names = append(names, name)
		}
		return nil
	})
	return names, err
}

func equal(generated, existing string) (bool, error) {
	want, err := os.ReadFile(generated)
	if err != nil {
		return false, err
	}
	got, err := os.ReadFile(existing)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return bytes.Equal(want, got), err
}

func carry(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
