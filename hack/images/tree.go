// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A tree is a root file system in memory, by path without a leading slash.
// The largest image here is some 200 MB: not worth an unpacked copy on disk,
// which would also need root to be faithful.
type tree map[string]node

// A node is a file, a folder or a symbolic link.
type node struct {
	mode fs.FileMode
	link string
	data []byte
}

// addFile puts a file into the tree.
func (t tree) addFile(name string, mode fs.FileMode, data []byte) {
	t.add(name, node{mode: mode.Perm(), data: data})
}

// addFolder puts an empty folder into the tree, unless it is there already.
func (t tree) addFolder(name string, mode fs.FileMode) {
	t.add(name, node{mode: fs.ModeDir | mode})
}

// addLink puts a symbolic link into the tree.
func (t tree) addLink(name, target string) {
	t.add(name, node{mode: fs.ModeSymlink | 0o777, link: target})
}

func (t tree) add(name string, n node) {
	name = clean(name)
	if name == "" {
		return
	}
	t[name] = n
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t[dir]; ok {
			return
		}
		t[dir] = node{mode: fs.ModeDir | 0o755}
	}
}

// copyFrom puts a file, or a folder with all that is below it, from this
// machine's disk into the tree.
func (t tree) copyFrom(source, name string) error {
	return filepath.WalkDir(source, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		inside, err := filepath.Rel(source, file)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		// What the module cache holds is read-only and may lack bits for others.
		t.addFile(path.Join(name, filepath.ToSlash(inside)), 0o644|info.Mode().Perm()&0o111, data)
		return nil
	})
}

// writeTar writes the tree: sorted, without times and owners, so that equal
// trees give equal bytes.
func (t tree) writeTar(w io.Writer) error {
	tw := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		n := t[name]
		header := &tar.Header{Format: tar.FormatPAX, Name: name, Linkname: n.link, Size: int64(len(n.data)), Mode: unixMode(n.mode)}
		switch {
		case n.mode.IsDir():
			header.Typeflag, header.Name = tar.TypeDir, name+"/"
		case n.link != "":
			header.Typeflag = tar.TypeSymlink
		default:
			header.Typeflag = tar.TypeReg
		}
		if err := tw.WriteHeader(header); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
		if _, err := tw.Write(n.data); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	return tw.Close()
}

// unixMode drops setuid and setgid: nothing here runs as root, and nothing
// should become it.
func unixMode(mode fs.FileMode) int64 {
	bits := int64(mode.Perm())
	if mode&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return bits
}

func clean(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// copyProgram puts a program from this machine's disk into the tree.
func (t tree) copyProgram(source, name string) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	t.addFile(name, 0o755, data)
	return nil
}
