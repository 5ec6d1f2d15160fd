// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/microstaging/preview-stacks/hack/build"
)

// debianRelease is part of the key of each image made of packages. An image is
// not made again when Debian publishes an update: remove it from the cache.
const debianRelease = "bookworm"

// installOnly lists packages that only maintainer scripts and administrators
// need, with what they drag in. Nothing runs those scripts here.
var installOnly = []string{
	"adduser", "debconf", "dpkg", "init-system-helpers", "lsb-base", "passwd", "perl", "perl-base", "perl-modules-5.36",
	"libperl5.36", "libfile-find-rule-perl", "libnumber-compare-perl", "libtext-glob-perl", "libjson-perl", "locales", "libc-l10n",
	"libpam-modules", "libpam-modules-bin", "libsemanage-common", "libsemanage2", "libsepol2", "sensible-utils", "ssl-cert",
	"sysvinit-utils", "tar", "ucf", "usrmerge", "util-linux", "util-linux-extra",
}

// addDebian unpacks packages, and all they depend on except the named ones,
// into the tree. Their maintainer scripts do not run.
func addDebian(ctx context.Context, t tree, packages, without []string) error {
	dir, err := downloadDebian(ctx, packages, append(without, installOnly...))
	if err != nil {
		return fmt.Errorf("cannot get Debian packages %s: %w", strings.Join(packages, ", "), err)
	}
	defer os.RemoveAll(dir)

	// Debian 12 has one /usr. Its packages still say /bin and /lib, and rely on
	// these links.
	for _, name := range merged {
		t.addLink(name, "usr/"+name)
	}
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil {
		return err
	}
	for _, deb := range debs {
		if err := t.unpackDebian(ctx, deb); err != nil {
			return fmt.Errorf("cannot unpack %s: %w", filepath.Base(deb), err)
		}
	}
	return nil
}

// merged are the folders of / that are links into /usr.
var merged = []string{"bin", "lib", "lib32", "lib64", "libx32", "sbin"}

// downloadDebian puts the packages into a new folder. apt checks them against
// Debian's signed lists.
func downloadDebian(ctx context.Context, packages, without []string) (string, error) {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("cannot find %s: images of Debian packages are built on Debian 12: %w", tool, err)
		}
	}
	closure, err := closureOf(ctx, packages)
	if err != nil {
		return "", err
	}
	wanted := slices.DeleteFunc(closure, func(name string) bool { return slices.Contains(without, strings.SplitN(name, "=", 2)[0]) })

	cache, err := build.CacheDir()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Join(cache, "images"), ".debian-")
	if err != nil {
		return "", err
	}
	// The sandbox user of apt cannot write into a folder of ours.
	args := append([]string{"-o", "APT::Sandbox::User=root", "download"}, wanted...)
	if _, err := run(ctx, dir, "apt-get", args...); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// uri is a line of apt-get --print-uris: 'http://...' name_version_arch.deb size hash.
var uri = regexp.MustCompile(`(?m)^'[^']+' ([^_ ]+)_([^_ ]+)_[^_ ]+\.deb `)

// closureOf lists packages and all they depend on, as name=version. The status
// file is empty so that apt does not leave out what this machine has installed.
func closureOf(ctx context.Context, packages []string) ([]string, error) {
	args := append([]string{"-o", "Dir::State::status=/dev/null", "-o", "Debug::NoLocking=1", "install", "--print-uris", "--yes", "--no-install-recommends"}, packages...)
	out, err := run(ctx, "", "apt-get", args...)
	if err != nil {
		// A fresh machine or container has no package lists yet.
		if _, updateErr := run(ctx, "", "apt-get", "update"); updateErr != nil {
			return nil, errors.Join(err, updateErr)
		}
		if out, err = run(ctx, "", "apt-get", args...); err != nil {
			return nil, err
		}
	}
	closure := parseClosure(out)
	if len(closure) == 0 {
		return nil, fmt.Errorf("cannot read what apt-get install --print-uris printed: %q", out)
	}
	return closure, nil
}

// parseClosure reads what apt-get install --print-uris prints, as name=version.
func parseClosure(out string) []string {
	var closure []string
	for _, match := range uri.FindAllStringSubmatch(out, -1) {
		closure = append(closure, match[1]+"="+strings.ReplaceAll(match[2], "%3a", ":"))
	}
	return closure
}

// unpackDebian adds the files of one package to the tree.
func (t tree) unpackDebian(ctx context.Context, deb string) error {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", deb)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := t.readTar(pipe)
	_, drainErr := io.Copy(io.Discard, pipe)
	return errors.Join(readErr, drainErr, cmd.Wait())
}

// readTar adds what a package needs at run time to the tree.
func (t tree) readTar(r io.Reader) error {
	for tr := tar.NewReader(r); ; {
		header, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := usrMerged(header.Name)
		if name == "" || documentation(name) {
			continue
		}
		if err := t.readEntry(tr, header, name); err != nil {
			return fmt.Errorf("cannot read %s: %w", name, err)
		}
	}
}

func (t tree) readEntry(r io.Reader, header *tar.Header, name string) error {
	switch header.Typeflag {
	case tar.TypeDir:
		if _, ok := t[name]; !ok {
			t.addFolder(name, header.FileInfo().Mode())
		}
	case tar.TypeSymlink:
		t.addLink(name, header.Linkname)
	case tar.TypeLink:
		t.add(name, t[usrMerged(header.Linkname)])
	case tar.TypeReg:
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		t.addFile(name, header.FileInfo().Mode(), data)
	}
	return nil
}

// usrMerged is the path of a package's file in a tree with one /usr.
func usrMerged(name string) string {
	name = clean(name)
	if first, _, _ := strings.Cut(name, "/"); slices.Contains(merged, first) {
		return path.Join("usr", name)
	}
	return name
}

// documentation tells what no program reads. Copyright notices stay.
func documentation(name string) bool {
	if strings.HasPrefix(name, "usr/share/doc/") {
		return path.Base(name) != "copyright"
	}
	for _, dir := range []string{"usr/share/man/", "usr/share/info/", "usr/share/locale/", "usr/share/lintian/", "usr/share/bug/"} {
		if strings.HasPrefix(name, dir) {
			return true
		}
	}
	return false
}

// run runs a short command and returns what it printed.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
