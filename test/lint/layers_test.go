// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package lint_test proves that the linter's configuration keeps the layering:
// that an import which goes the wrong way, or a clock in what decides, fails. A
// typing error in the configuration would otherwise let everything pass.
package lint_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/hack/build"
)

// module is the name of this repository's module, which the rules name.
const module = "github.com/microstaging/preview-stacks"

// layers are files of a module, each in a package of its own, with what the
// linter says to them: the linter and what it is about.
var layers = map[string]struct {
	reason string
	source string
	want   string
}{
	"apis/v1alpha1/a.go": {
		reason: "Everything reads the types, so they read nothing.",
		source: `import _ "` + module + `/internal/names"`,
		want:   "depguard: " + module + "/internal/names",
	},
	"internal/names/a.go": {
		reason: "What is pure may use pure parts of the standard library.",
		source: `import _ "net/netip"`,
	},
	"internal/stack/a.go": {
		reason: "What decides does no I/O.",
		source: `import _ "os"`,
		want:   "depguard: os",
	},
	"internal/expand/a.go": {
		reason: "What decides cannot be cancelled.",
		source: `import _ "context"`,
		want:   "depguard: context",
	},
	"internal/gate/a.go": {
		reason: "What decides has no clock.",
		source: "import \"time\"\n\nvar _ = time.Now",
		want:   "forbidigo: time.Now",
	},
	"internal/health/a.go": {
		reason: "What decides takes typed values, not protobuf.",
		source: `import _ "` + module + `/internal/xr"`,
		want:   "depguard: " + module + "/internal/xr",
	},
	"internal/cost/a.go": {
		reason: "What decides reaches nothing.",
		source: `import _ "net"`,
		want:   "depguard: net",
	},
	"internal/emit/a.go": {
		reason: "What ships does not import what builds it.",
		source: `import _ "` + module + `/hack/build"`,
		want:   "depguard: " + module + "/hack/build",
	},
	"internal/xr/a.go": {
		reason: "A door knows the types.",
		source: `import _ "` + module + `/apis/v1alpha1"`,
	},
	"internal/desired/a.go": {
		reason: "A door decides nothing.",
		source: `import _ "` + module + `/internal/expand"`,
		want:   "depguard: " + module + "/internal/expand",
	},
	"functions/stack/a.go": {
		reason: "Functions decide, the provider acts.",
		source: `import _ "` + module + `/provider/database"`,
		want:   "depguard: " + module + "/provider/database",
	},
	"provider/database/a.go": {
		reason: "The provider does not speak a function's protocol.",
		source: `import _ "` + module + `/internal/wire"`,
		want:   "depguard: " + module + "/internal/wire",
	},
	"internal/wire/a.go": {
		reason: "A door may have a clock; whether it should is for people to say.",
		source: "import \"time\"\n\nvar _ = time.Now",
	},
	"hack/build/a.go": {
		reason: "What builds the project sees it from outside.",
		source: `import _ "` + module + `/internal/names"`,
		want:   "depguard: " + module + "/internal/names",
	},
}

func TestLayers(t *testing.T) {
	found := lint(t, fixture(t))
	for file, tc := range layers {
		t.Run(file, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, found[file]); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// fixture is a folder with the module that layers describes, and the linter's
// configuration.
func fixture(t *testing.T) string {
	t.Helper()
	root, err := build.Root()
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".golangci.yml"), string(config))
	write(t, filepath.Join(dir, "go.mod"), "module "+module+"\n\ngo 1.26.0\n")
	for file, tc := range layers {
		name := filepath.Base(filepath.Dir(file))
		write(t, filepath.Join(dir, file), "// Package "+name+" is a fixture.\npackage "+name+"\n\n"+tc.source+"\n")
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Lines of the linter, such as
// internal/gate/a.go:6:9: use of `time.Now` forbidden because "..." (forbidigo).
var (
	line  = regexp.MustCompile(`(?m)^(\S+\.go):\d+:\d+: .*\((depguard|forbidigo)\)$`)
	about = regexp.MustCompile("import '([^']+)'|use of `([^`]+)`")
)

// lint is what the linter says about the layering, by file.
func lint(t *testing.T, dir string) map[string]string {
	t.Helper()
	path, err := build.Tool(t.Context(), "golangci-lint")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "run", "--enable-only=depguard,forbidigo", "--show-stats=false", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOLANGCI_LINT_CACHE="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("the linter found nothing:\n%s", out)
	}
	found := map[string]string{}
	for _, match := range line.FindAllStringSubmatch(string(out), -1) {
		what := about.FindStringSubmatch(match[0])
		if what == nil {
			t.Fatalf("cannot tell what the linter says: %s", match[0])
		}
		found[match[1]] = match[2] + ": " + strings.Join(what[1:], "")
	}
	if len(found) == 0 {
		t.Fatalf("the linter failed otherwise: %v\n%s", err, out)
	}
	return found
}
