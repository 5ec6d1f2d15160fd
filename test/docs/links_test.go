// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`^#{1,6} +(.+?) *#*$`)
	anchor  = regexp.MustCompile(`<a +(?:id|name)="([^"]+)"`)
	code    = regexp.MustCompile("`[^`]*`")
)

// TestLinks follows every link within the repository, to the heading.
func TestLinks(t *testing.T) {
	all := pages(t)
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.path] = anchorsOf(p)
	}
	for _, p := range all {
		_, prose := split(p)
		for i, line := range prose {
			for _, target := range link.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
				if problem := follow(root(t), p.path, target[1], anchors); problem != "" {
					t.Errorf("%s:%d: link %s %s", p.path, i+1, target[1], problem)
				}
			}
		}
	}
}

// follow says why a link leads nowhere; links to elsewhere are not followed.
func follow(root, from, target string, anchors map[string]map[string]bool) string {
	u, err := url.Parse(target)
	if err != nil {
		return "cannot be read: " + err.Error()
	}
	if u.IsAbs() {
		return ""
	}
	to := from
	if u.Path != "" {
		to = path.Join(path.Dir(from), u.Path)
	}
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
		return "leads to no file"
	}
	if u.Fragment != "" && !anchors[to][u.Fragment] {
		return "leads to no heading of " + to
	}
	return ""
}

// anchorsOf are the anchors that GitHub gives to headings, and explicit ones.
func anchorsOf(p page) map[string]bool {
	anchors := map[string]bool{}
	_, prose := split(p)
	for _, line := range prose {
		for _, id := range anchor.FindAllStringSubmatch(line, -1) {
			anchors[id[1]] = true
		}
		h := heading.FindStringSubmatch(line)
		if h == nil {
			continue
		}
		slug := slugOf(h[1])
		for n := 1; anchors[slug]; n++ {
			slug = slugOf(h[1]) + "-" + strconv.Itoa(n)
		}
		anchors[slug] = true
	}
	return anchors
}

// slugOf is a heading in lower case, with hyphens for blanks and without what
// is neither letter, digit, hyphen nor underscore.
func slugOf(text string) string {
	text = link.ReplaceAllStringFunc(text, func(s string) string { return s[1:strings.Index(s, "]")] })
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', 'a' <= r && r <= 'z', '0' <= r && r <= '9', r > 127:
			return r
		}
		return -1
	}, strings.ToLower(text))
}
