// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/install"
	"github.com/microstaging/preview-stacks/hack/localcluster"
)

// stackTimeout bounds the wait for a stack, on a machine that does other things
// too.
const stackTimeout = 5 * time.Minute

// Options say where and how to run the demo.
type Options struct {
	// Existing uses the cluster of the current kubeconfig context instead of a
	// local one.
	Existing bool

	// Registry to push packages and images to, for an existing cluster.
	Registry string

	// Keep leaves cluster and stack as they are, to look around.
	Keep bool

	// Out is where the story is told.
	Out io.Writer
}

// ErrShort says that everything worked and a goal was not reached.
var ErrShort = errors.New("a goal was not reached")

// Run shows the whole story. Whatever was started is removed when it ends, also
// when ctx does.
func Run(ctx context.Context, o Options) error {
	ctx = build.WithOutput(ctx, o.Out)
	start := time.Now()
	place, err := o.place(ctx)
	if err != nil {
		return err
	}
	s := &story{place: place, out: o.Out, start: start, keep: o.Keep}
	s.title("Install Preview Stacks, as users do")
	if err = place.Prepare(ctx); err == nil {
		err = s.tell(ctx)
	}
	// Who interrupts knows why; who measures has seen the times.
	keepLogs := err != nil && ctx.Err() == nil && !errors.Is(err, ErrShort)
	return errors.Join(err, place.Leave(context.WithoutCancel(ctx), keepLogs))
}

// Tell tells the story on a place that is prepared. Whatever is not as it should
// be is an error; ErrShort is one, too.
func (p *Place) Tell(ctx context.Context, out io.Writer) error {
	s := &story{place: p, out: out, start: time.Now()}
	return s.tell(build.WithOutput(ctx, out))
}

func (o Options) place(ctx context.Context) (*Place, error) {
	if o.Existing {
		return Existing(ctx, o.Registry)
	}
	return Local(ctx, localcluster.DefaultName, o.Keep)
}

// Prepare installs this project on a place, as users do, and pushes the images
// that its registry lacks.
func (p *Place) Prepare(ctx context.Context) error {
	if p.OwnNames {
		if err := p.pushImages(ctx, "miniflux-2.2.12", "miniflux-2.2.13", "web"); err != nil {
			return err
		}
	}
	return install.Run(ctx, p.Client, p.Registry)
}

// A story is one telling of the demo.
type story struct {
	place *Place
	out   io.Writer
	start time.Time
	keep  bool

	stack    *Stack
	miniflux *Miniflux
	capture  Capture

	// claimed is how long it took from the claim to its URL answering.
	claimed time.Duration

	// retired is how long it took from the deadline to nothing being left, and
	// restored from the extension to Ready.
	retired, restored time.Duration
}

// tell goes through the acts, each of which needs the ones before it.
func (s *story) tell(ctx context.Context) error {
	acts := []struct {
		title string
		play  func(context.Context) error
	}{
		{"The platform team applies a class and a blueprint", s.platform},
		{"A pull request opens: one claim becomes an environment", s.claim},
		{"It is the real application: log in, subscribe to a feed of the mock", s.use},
		{"A push: the new revision migrates the database before it takes over", s.push},
		{"A push whose image was never built: the old revision keeps answering", s.pushMissing},
		{"A push that cannot start: the old revision keeps answering, its last words are shown", s.pushBroken},
		{"Its time is up: all of it goes, the claim stays as a tombstone", s.expire},
		{"Somebody extends it: it comes back, as a fresh copy", s.restore},
	}
	for _, act := range acts {
		s.title(act.title)
		if err := act.play(ctx); err != nil {
			return err
		}
	}
	if s.keep {
		return s.tryThis(ctx)
	}
	return s.end(ctx)
}

// end is what follows the life of the stack.
func (s *story) end(ctx context.Context) error {
	s.title("The pull request closes: the claim goes, and nothing is left")
	if err := s.remove(ctx); err != nil {
		return err
	}
	s.title("For comparison: the same objects with kubectl apply and kubectl wait, in order")
	plain, err := s.plain(ctx)
	if err != nil {
		return err
	}
	s.title("Goals")
	return s.goals(Goals(Times{Claimed: s.claimed, Plain: plain, Retired: s.retired, Restored: s.restored}))
}

func (s *story) goals(goals []Goal) error {
	for _, g := range goals {
		s.say("%s", g)
	}
	s.say("the whole demo took %s", time.Since(s.start).Round(time.Second))
	if !met(goals) {
		return ErrShort
	}
	return nil
}

func (s *story) title(text string) {
	fmt.Fprintf(s.out, "\n== %s (%s)\n", text, time.Since(s.start).Round(time.Second))
}

func (s *story) say(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}
