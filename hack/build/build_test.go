// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tinyTool adds a tool to the table whose module is a folder of the test's own
// checkout, and moves the cache and the working folder there.
func tinyTool(t *testing.T, source string) (root, cache string) {
	t.Helper()
	root, cache = t.TempDir(), t.TempDir()
	t.Setenv(cacheEnv, cache)
	t.Chdir(root)
	module := filepath.Join(root, "hack", "tools", "tiny")
	if err := os.MkdirAll(module, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "go.mod"), "module example.org/root\n\ngo 1.26.0\n")
	write(t, filepath.Join(module, "go.mod"), "module example.org/tiny/v2\n\ngo 1.26.0\n")
	write(t, filepath.Join(module, "go.sum"), "")
	write(t, filepath.Join(module, "main.go"), source)
	tools["tiny"] = tool{module: "tiny", pkg: "example.org/tiny/v2", minutes: 1}
	t.Cleanup(func() { delete(tools, "tiny") })
	return root, cache
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const saysHello = "package main\n\nfunc main() { print(\"hello\") }\n"

func TestToolBuildsOnce(t *testing.T) {
	root, cache := tinyTool(t, saysHello)
	var progress bytes.Buffer
	ctx := WithOutput(t.Context(), &progress)

	path, err := Tool(ctx, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(ctx, path).CombinedOutput()
	if err != nil || string(said) != "hello" {
		t.Errorf("the built program: want hello, got %q, %v", said, err)
	}
	if !strings.Contains(progress.String(), "building tiny (first time only, about 1 min) ...") {
		t.Errorf("a build must say that it takes long, got %q", progress.String())
	}

	progress.Reset()
	again, err := Tool(ctx, "tiny")
	if diff := cmp.Diff(path, again); diff != "" || err != nil || progress.Len() > 0 {
		t.Errorf("the second call must find the first one's program in silence: %v %q %s", err, progress.String(), diff)
	}

	write(t, filepath.Join(root, "hack", "tools", "tiny", "go.sum"), "\n")
	newer, err := Tool(ctx, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(cache, "bin", "tiny-*"))
	if diff := cmp.Diff([]string{filepath.Dir(newer)}, kept); diff != "" || err != nil || newer == path {
		t.Errorf("changed inputs must replace the older build: %v %s", err, diff)
	}
}

func TestToolsBuiltAtOnce(t *testing.T) {
	tinyTool(t, saysHello)
	type result struct {
		path string
		err  error
	}
	results := make(chan result)
	for range 3 {
		go func() {
			path, err := Tool(WithOutput(t.Context(), &bytes.Buffer{}), "tiny")
			results <- result{path, err}
		}()
	}
	first := <-results
	for range 2 {
		if got := <-results; got != first || got.err != nil {
			t.Errorf("all callers must get one build: want %v, got %v", first, got)
		}
	}
}

func TestToolFailures(t *testing.T) {
	cases := map[string]struct {
		reason string
		name   string
		source string
		want   []string
	}{
		"Unknown": {
			reason: "A misspelt tool must be answered with the ones there are.",
			name:   "kubeapi",
			source: saysHello,
			want:   []string{`"kubeapi"`, "kube-apiserver"},
		},
		"DoesNotCompile": {
			reason: "A failed build must show the compiler's words and where the log is.",
			name:   "tiny",
			source: "package main\n\nfunc main() { undefinedThing() }\n",
			want:   []string{"undefinedThing", "build-tiny.log"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tinyTool(t, tc.source)
			_, err := Tool(WithOutput(t.Context(), &bytes.Buffer{}), tc.name)
			for _, want := range tc.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: want %q in the error, got %v", tc.reason, want, err)
				}
			}
		})
	}
}

func TestWithoutGo(t *testing.T) {
	tinyTool(t, saysHello)
	t.Setenv("PATH", t.TempDir())
	_, err := Tool(t.Context(), "tiny")
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "https://go.dev/dl") {
		t.Errorf("a machine without Go must be told how to get it, got %v", err)
	}
}

func TestLockGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	ctx, cancel := context.WithCancel(WithOutput(t.Context(), &bytes.Buffer{}))
	unlock, err := lock(ctx, path, "a build")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	cancel()
	if _, err := lock(ctx, path, "a build"); !errors.Is(err, context.Canceled) {
		t.Errorf("want the wait to end with its context, got %v", err)
	}
}

func TestProduces(t *testing.T) {
	cases := map[string]struct {
		reason string
		pkg    string
		want   string
	}{
		"Folder":       {reason: "A main package below a module is named by its folder.", pkg: "k8s.io/kubernetes/cmd/kubelet", want: "kubelet"},
		"MajorVersion": {reason: "A module's root is named by the element before its major version.", pkg: "go.etcd.io/etcd/server/v3", want: "server"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tool{pkg: tc.pkg}.produces()); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}
