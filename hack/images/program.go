// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// nonroot is the user of every image. It has a name in /etc/passwd, for
// programs that ask who they are.
const nonroot = 65532

// A Program is a static Go program that makes an image by itself.
type Program struct {
	// Name is the image's name; the program is /usr/local/bin/<Name>.
	Name string

	// Path is the program on this machine's disk.
	Path string

	// Arch is what the program was built for. Empty means amd64.
	Arch string

	// Args are its default arguments.
	Args []string

	// Folders are copied from this machine's disk: path in the image to path on
	// disk. What is in them names the folder, so its content must not change
	// under one path, as is so for modules.
	Folders map[string]string
}

// Image returns the program's image, from the cache if it is there.
func (p Program) Image() (v1.Image, error) {
	hash, err := hashFile(p.Path)
	if err != nil {
		return nil, fmt.Errorf("cannot make image %s: %w", p.Name, err)
	}
	inputs := []string{hash}
	for _, inside := range slices.Sorted(maps.Keys(p.Folders)) {
		inputs = append(inputs, inside, p.Folders[inside])
	}
	arch := p.Arch
	if arch == "" {
		arch = "amd64"
	}
	inside := "/usr/local/bin/" + p.Name
	return recipe{
		name:   p.Name,
		inputs: inputs,
		arch:   arch,
		config: v1.Config{Entrypoint: []string{inside}, Cmd: p.Args, User: user(), WorkingDir: "/", Env: []string{searchPath}},
		fill:   func(t tree) error { return p.fill(t, inside) },
	}.image()
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

func (p Program) fill(t tree, inside string) error {
	binary, err := os.ReadFile(p.Path)
	if err != nil {
		return err
	}
	t.addFile(inside, 0o755, binary)
	for name, source := range p.Folders {
		if err := t.copyFrom(source, name); err != nil {
			return err
		}
	}
	addUsers(t)
	addCertificates(t)
	return nil
}

// addUsers names root and nonroot, and gives every user a folder for temporary files.
func addUsers(t tree) {
	t.addFile("/etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:%[1]d:%[1]d:nonroot:/home/nonroot:/sbin/nologin\n", nonroot))
	t.addFile("/etc/group", 0o644, fmt.Appendf(nil, "root:x:0:\nnonroot:x:%d:\n", nonroot))
	t.addFolder("/home/nonroot", 0o755)
	t.addFolder("/tmp", os.ModeSticky|0o777)
}

// addCertificates writes Mozilla's root certificates, as a pinned module has
// them: this machine's own set would differ from the next one's.
func addCertificates(t tree) {
	var roots []byte
	for root := range bundle.Roots() {
		roots = append(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})...)
	}
	t.addFile("/etc/ssl/certs/ca-certificates.crt", 0o644, roots)
}

// user is numeric, because the kubelet cannot tell whether a name is root.
func user() string {
	return strconv.Itoa(nonroot) + ":" + strconv.Itoa(nonroot)
}

func hashFile(path string) (string, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
