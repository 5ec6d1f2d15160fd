// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMakeHelp holds the list of targets against the real one.
func TestMakeHelp(t *testing.T) {
	command := exec.CommandContext(t.Context(), "make", "--no-print-directory", "help")
	command.Dir = root(t)
	want, err := command.Output()
	if err != nil {
		t.Fatalf("cannot list the targets: %v", err)
	}
	const path = "docs/reference/commands.md"
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	blocks, _ := split(page{path: path, text: string(text)})
	if diff := cmp.Diff(strings.TrimSpace(string(want)), strings.TrimSpace(blocks[0].text)); diff != "" {
		t.Errorf("%s: its first block is not what make help prints: -want, +got:\n%s", path, diff)
	}
}

var (
	makeCommand = regexp.MustCompile("(?m)(?:^|`|&& |; )(?:sudo )?make ((?:[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*)*)")
	makeTarget  = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
)

// TestMakeTargets holds each "make TARGET" on a page against the Makefile.
func TestMakeTargets(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	targets := map[string]bool{}
	for _, m := range makeTarget.FindAllStringSubmatch(string(text), -1) {
		targets[m[1]] = true
	}
	for _, p := range pages(t) {
		for _, m := range makeCommand.FindAllStringSubmatch(p.text, -1) {
			for _, target := range strings.Fields(m[1]) {
				if !targets[target] {
					t.Errorf("%s: make %s: there is no such target", p.path, target)
				}
			}
		}
	}
}
