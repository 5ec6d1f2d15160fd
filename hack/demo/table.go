// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"io"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A table shows how a claim gets on: a line for each change. So it reads the
// same on a terminal, in a log and in documentation.
type table struct {
	w     io.Writer
	start time.Time
	head  bool

	// last line that any table of the claim showed.
	last *string
}

func (s *Stack) table(w io.Writer) *table {
	if w == nil {
		// Who only waits shows nothing, and keeps nothing from being shown.
		return &table{w: io.Discard, last: new(string)}
	}
	return &table{w: w, start: time.Now(), last: &s.shown}
}

func (t *table) show(s v1alpha1.PreviewStackStatus) {
	line := fmt.Sprintf("%-12s  %s", s.Phase, s.Detail)
	if s.Phase == v1alpha1.PhaseReady {
		line = fmt.Sprintf("%-12s  %s", s.Phase, s.URL)
	}
	if s.Phase == "" || line == *t.last {
		return
	}
	if !t.head {
		t.head = true
		fmt.Fprintf(t.w, "%9s  %-12s  %s\n", "ELAPSED", "PHASE", "DETAIL")
	}
	*t.last = line
	fmt.Fprintf(t.w, "%9s  %s\n", seconds(time.Since(t.start)), line)
}

// seconds writes a duration as people compare them.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
