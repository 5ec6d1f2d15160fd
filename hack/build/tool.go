// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Tool returns the path of a third-party program, building it when the cache
// does not hold it. Names lists the tools. Processes that ask at the same time
// wait for one build.
func Tool(ctx context.Context, name string) (string, error) {
	paths, err := Tools(ctx, name)
	if err != nil {
		return "", err
	}
	return paths[name], nil
}

// Tools returns the paths of several programs, by name. Missing ones are built
// one module after the other, each module by one go build: modules compiled at
// once would only fight for the same cores and memory.
func Tools(ctx context.Context, names ...string) (map[string]string, error) {
	var modules []string
	wanted := map[string][]string{}
	for _, name := range names {
		t, err := lookup(name)
		if err != nil {
			return nil, err
		}
		if wanted[t.module] == nil {
			modules = append(modules, t.module)
		}
		wanted[t.module] = append(wanted[t.module], name)
	}

	paths := make(map[string]string, len(names))
	for _, module := range modules {
		if err := buildModule(ctx, module, wanted[module], paths); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// buildModule adds the paths of a module's programs, after building those that
// are missing.
func buildModule(ctx context.Context, module string, names []string, paths map[string]string) error {
	m, err := openModule(ctx, module)
	if err != nil {
		return err
	}
	for _, name := range names {
		paths[name] = m.binary(name)
	}
	if len(m.missing(names)) == 0 {
		return nil
	}

	unlock, err := lock(ctx, filepath.Join(m.cache, "bin", module+".lock"), "the build of "+module)
	if err != nil {
		return err
	}
	defer unlock()

	// Whoever held the lock may have built what is missing.
	missing := m.missing(names)
	if len(missing) == 0 {
		return nil
	}
	return Step(ctx, describe(missing), func(ctx context.Context) error { return m.build(ctx, missing) })
}

// describe says what is built and how long that takes: the programs of a module
// share most of their packages, so that each after the first is quick.
func describe(names []string) string {
	longest := 0
	for _, name := range names {
		longest = max(longest, tools[name].minutes)
	}
	return fmt.Sprintf("building %s (first time only, about %d min)", strings.Join(names, ", "), longest+len(names)-1)
}

// build makes programs of one module, all with one go build, then puts them
// into their places in the cache and removes what they replace.
func (m module) build(ctx context.Context, names []string) error {
	dir, err := os.MkdirTemp(filepath.Join(m.cache, "bin"), ".building-")
	if err != nil {
		return fmt.Errorf("cannot build %s: %w", m.name, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	t := tools[names[0]]
	args := append([]string{"build", "-o", dir + string(filepath.Separator)}, t.flags()...)
	for _, name := range names {
		args = append(args, tools[name].pkg)
	}
	if err := runLogged(ctx, m.cache, "build-"+m.name, m.dir, t.environment(), args...); err != nil {
		return fmt.Errorf("cannot build %s: %w", strings.Join(names, ", "), err)
	}
	for _, name := range names {
		if err := m.install(name, filepath.Join(dir, tools[name].produces())); err != nil {
			return fmt.Errorf("cannot keep %s in the cache: %w", name, err)
		}
	}
	return nil
}

// install moves a built program to its place, and removes older builds of it. A
// process that still runs an older build keeps its open file.
func (m module) install(name, built string) error {
	target := m.binary(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := os.Rename(built, target); err != nil {
		return err
	}
	older, err := filepath.Glob(filepath.Join(m.cache, "bin", name+"-"+strings.Repeat("[0-9a-f]", keyLength)))
	if err != nil {
		return err
	}
	for _, dir := range older {
		if dir == filepath.Dir(target) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// ModuleDir returns the folder of a module among the dependencies of a tool, at
// the version the tool is built with. Modules carry more than Go: the CRDs and
// the chart of Crossplane, the stages of KWOK. The folder is the module cache's
// and read-only.
func ModuleDir(ctx context.Context, toolName, modulePath string) (string, error) {
	t, err := lookup(toolName)
	if err != nil {
		return "", err
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "hack", "tools", t.module)
	found, err := output(ctx, dir, "list", "-m", "-f", "{{.Dir}}", modulePath)
	if err != nil {
		return "", fmt.Errorf("cannot find module %s of %s: %w", modulePath, toolName, err)
	}
	if found != "" {
		return found, nil
	}

	// The tool is in our cache, but the module cache was emptied since.
	if _, err := output(ctx, dir, "mod", "download", modulePath); err != nil {
		return "", fmt.Errorf("cannot download module %s of %s: %w", modulePath, toolName, err)
	}
	return output(ctx, dir, "list", "-m", "-f", "{{.Dir}}", modulePath)
}

// output runs a short go command in a folder and returns what it printed.
func output(ctx context.Context, dir string, args ...string) (string, error) {
	path, err := goCommand()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = goEnv()
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, tail(string(exit.Stderr), 5))
	}
	return strings.TrimSpace(string(out)), err
}
