// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package docs_test keeps the documentation from rotting: the YAML on its pages
// is accepted by the API's own schemas and makes a stack, its links lead
// somewhere, and the commands it lists are those there are. It starts nothing
// and needs no network.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/microstaging/preview-stacks/hack/build"
)

// A page is one Markdown file.
type page struct {
	// path from the repository's root, with slashes.
	path string
	text string
}

// pages reads all Markdown files of the repository.
func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	files := os.DirFS(root(t))
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.ContainsAny(entry.Name()[:1], "._"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := fs.ReadFile(files, path)
		all = append(all, page{path: path, text: string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := build.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// A block is one fenced code block of a page.
type block struct {
	page     string
	line     int // Of its first line of content.
	language string
	text     string
}

const fence = "```"

// split parts a page into its code blocks and the prose around them, which
// keeps its line numbers.
func split(p page) (blocks []block, prose []string) {
	var open *block
	for i, line := range strings.Split(p.text, "\n") {
		mark, fenced := strings.CutPrefix(strings.TrimSpace(line), fence)
		switch {
		case fenced && open == nil:
			open = &block{page: p.path, line: i + 2, language: strings.TrimSpace(mark)}
		case fenced:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		default:
			prose = append(prose, line)
			continue
		}
		prose = append(prose, "")
	}
	return blocks, prose
}
