// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// reminder is how often a long step says that it is still at work: a silent
// terminal looks like a hang after about half a minute.
const reminder = 30 * time.Second

type outputKey struct{}

// WithOutput makes the steps run with the returned context report to w. They
// report to standard error otherwise.
func WithOutput(ctx context.Context, w io.Writer) context.Context {
	return context.WithValue(ctx, outputKey{}, &lockedWriter{w: w})
}

// Printf reports progress to where the steps of ctx report.
func Printf(ctx context.Context, format string, args ...any) {
	// A terminal that went away must not end the work.
	_, _ = fmt.Fprintf(outputOf(ctx), format, args...)
}

// Step does something that takes long: it prints what is done when it starts,
// now and then while it lasts, and how long it took when it ends.
func Step(ctx context.Context, what string, do func(context.Context) error) error {
	start := time.Now()
	Printf(ctx, "%s ...\n", what)
	stop := remind(ctx, what, start)
	err := do(ctx)
	stop()
	if err != nil {
		Printf(ctx, "%s: failed after %s\n", what, elapsed(start))
		return err
	}
	Printf(ctx, "%s: %s\n", what, elapsed(start))
	return nil
}

// remind prints that a step goes on until the returned function is called.
func remind(ctx context.Context, what string, start time.Time) (stop func()) {
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(reminder)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				Printf(ctx, "%s: still at it after %s\n", what, elapsed(start))
			}
		}
	})
	return func() {
		close(done)
		running.Wait()
	}
}

func elapsed(start time.Time) time.Duration {
	return time.Since(start).Round(100 * time.Millisecond)
}

// standardError is shared, so that lines of concurrent steps do not mix.
var standardError = &lockedWriter{w: os.Stderr}

func outputOf(ctx context.Context) io.Writer {
	if w, ok := ctx.Value(outputKey{}).(io.Writer); ok {
		return w
	}
	return standardError
}

// A lockedWriter lets concurrent steps share a writer.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
