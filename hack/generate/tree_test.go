// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	cases := map[string]struct {
		reason string
		tree   map[string]string
		stage  map[string]string
		// stale is what check names.
		stale []string
		// want is the tree after update.
		want map[string]string
	}{
		"UpToDate": {
			reason: "A tree that is as generated passes; files that people write are not looked at.",
			tree:   map[string]string{"package/provider/crds/a.yaml": "a", "package/provider/crossplane.yaml": "mine"},
			stage:  map[string]string{"package/provider/crds/a.yaml": "a", ".scratch/b.yaml": "b"},
			want:   map[string]string{"package/provider/crds/a.yaml": "a", "package/provider/crossplane.yaml": "mine"},
		},
		"Changed": {
			reason: "A file that differs and one that is missing are both out of date.",
			tree:   map[string]string{"docs/api.md": "old"},
			stage:  map[string]string{"docs/api.md": "new", "apis/definition.yaml": "new"},
			stale:  []string{"apis/definition.yaml is not what the Go types say", "docs/api.md is not what the Go types say"},
			want:   map[string]string{"docs/api.md": "new", "apis/definition.yaml": "new"},
		},
		"LeftOver": {
			reason: "The CRD of a type that is gone must not be shipped on.",
			tree:   map[string]string{"package/provider/crds/gone.yaml": "gone"},
			stage:  map[string]string{"package/provider/crds/a.yaml": "a"},
			stale:  []string{"package/provider/crds/a.yaml is not what the Go types say", "package/provider/crds/gone.yaml is not generated any more"},
			want:   map[string]string{"package/provider/crds/a.yaml": "a"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			root, stage := t.TempDir(), t.TempDir()
			write(t, root, tc.tree)
			write(t, stage, tc.stage)

			if diff := cmp.Diff(tc.stale, stale(check(root, stage))); diff != "" {
				t.Errorf("%s\ncheck: -want, +got:\n%s", tc.reason, diff)
			}
			if err := update(root, stage); err != nil {
				t.Fatalf("%s\nupdate: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, read(t, root)); diff != "" {
				t.Errorf("%s\nupdate: -want, +got:\n%s", tc.reason, diff)
			}
			if err := check(root, stage); err != nil {
				t.Errorf("%s\ncheck after update: %v", tc.reason, err)
			}
		})
	}
}

// stale is the lines of an error of check that name files.
func stale(err error) []string {
	if err == nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if name, ok := strings.CutPrefix(line, "  "); ok {
			lines = append(lines, strings.TrimSuffix(name, "\n"))
		}
	}
	return lines
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	names, err := files(dir)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		read[name] = string(data)
	}
	return read
}
