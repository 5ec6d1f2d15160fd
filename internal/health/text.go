// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"regexp"
	"strings"
	"unicode"
)

// maxText bounds what is taken over from the words of others, in characters.
const maxText = 200

// timestamp at the start of a log line. It is cut off: with it, a container
// that exits again and again would change the status each time.
var timestamp = regexp.MustCompile(`^(\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))?\]?|time="?[^" ]+"?|[EFIW]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+)\s*`)

// Line makes one line of text: control characters become spaces, and runs of
// spaces one.
func Line(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	return strings.Join(strings.Fields(text), " ")
}

// Bound cuts text to the length that fits a status.
func Bound(text string) string { return cut(text, maxText) }

func cut(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// lastWords picks the line of a container's output that says why it ended: the
// line a crash starts with if there is one (what follows is a stack trace),
// else the last.
func lastWords(output string) string {
	last := ""
	for line := range strings.Lines(output) {
		words := timestamp.ReplaceAllString(Line(line), "")
		if words == "" {
			continue
		}
		if startsCrash(words) {
			return Bound(words)
		}
		last = words
	}
	return Bound(last)
}

func startsCrash(line string) bool {
	return strings.HasPrefix(line, "panic: ") ||
		strings.HasPrefix(line, "fatal error: ") ||
		strings.HasPrefix(line, "Exception in thread ")
}
