// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keyLength is how many hexadecimal digits of a hash name a build: enough that
// two builds of one tool do not collide, short enough for ps output.
const keyLength = 12

// A module is one of the nested modules below hack/tools, as this machine would
// build it.
type module struct {
	name  string
	dir   string
	cache string

	// content is everything a build depends on but the flags: go.sum holds the
	// checksum of every source file.
	content []byte
}

func openModule(ctx context.Context, name string) (module, error) {
	root, err := Root()
	if err != nil {
		return module{}, err
	}
	cache, err := CacheDir()
	if err != nil {
		return module{}, err
	}
	if err := os.MkdirAll(filepath.Join(cache, "bin"), 0o755); err != nil {
		return module{}, fmt.Errorf("cannot make the cache of built programs: %w; set %s to a folder you may write to", err, cacheEnv)
	}
	m := module{name: name, dir: filepath.Join(root, "hack", "tools", name), cache: cache}
	for _, file := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(m.dir, file))
		if err != nil {
			return module{}, fmt.Errorf("cannot read the tool module %s: %w", name, err)
		}
		m.content = append(m.content, data...)
	}
	// The go line of a module may select another toolchain: ask in its folder.
	toolchain, err := output(ctx, m.dir, "env", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return module{}, fmt.Errorf("cannot ask the go command for its version: %w", err)
	}
	m.content = append(m.content, toolchain...)
	return m, nil
}

// key names a build of a tool: equal inputs, equal key.
func (m module) key(name string) string {
	t := tools[name]
	hash := sha256.New()
	hash.Write(m.content)
	hash.Write([]byte(strings.Join(append(t.flags(), t.environment()...), "\x00")))
	return hex.EncodeToString(hash.Sum(nil))[:keyLength]
}

// binary is where a tool is kept.
func (m module) binary(name string) string {
	return filepath.Join(m.cache, "bin", name+"-"+m.key(name), name)
}

// missing lists the tools that the cache does not hold.
func (m module) missing(names []string) []string {
	var missing []string
	for _, name := range names {
		if !exists(m.binary(name)) {
			missing = append(missing, name)
		}
	}
	return missing
}
