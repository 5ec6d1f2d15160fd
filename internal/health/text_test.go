// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLastWords(t *testing.T) {
	cases := map[string]struct {
		reason, output, want string
	}{
		"Empty":     {"a container may end without a word", "\n\n", ""},
		"Last":      {"the last line that says something", "one\ntwo\n\n", "two"},
		"ISO":       {"a timestamp would change with each try", "2026-05-04T08:00:00.123456789Z cannot bind :80", "cannot bind :80"},
		"Postgres":  {"PostgreSQL's form", "2026-05-04 08:00:00.123 UTC FATAL: role does not exist", "FATAL: role does not exist"},
		"Brackets":  {"in brackets", "[2026/05/04 08:00:00] bad config", "bad config"},
		"Klog":      {"Kubernetes' form has a process number too", "F0504 08:00:00.123456       1 main.go:12] no config", "main.go:12] no config"},
		"Logfmt":    {"key and value", `time=2026-05-04T08:00:00Z level=error msg="no config"`, `level=error msg="no config"`},
		"Panic":     {"what follows is a stack trace", "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:3", "panic: boom"},
		"Java":      {"so it is here", "Exception in thread \"main\" java.lang.Error: boom\n\tat Main.main(Main.java:3)", `Exception in thread "main" java.lang.Error: boom`},
		"Python":    {"Python ends with what happened", "Traceback (most recent call last):\n  File \"x.py\"\nKeyError: 'DATABASE_URL'", "KeyError: 'DATABASE_URL'"},
		"NotUTF8":   {"output can be anything", "bad \xff\xfe byte", "bad byte"},
		"Direction": {"marks that turn text around are no text", "abc\u202edef", "abc def"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, lastWords(tc.output)); diff != "" {
				t.Errorf("%s: lastWords(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
