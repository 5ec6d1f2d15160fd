// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package process starts, watches and stops the child processes of a run: a
// control plane, a node, a function under test.
//
// A Group belongs to a run folder, which holds the children's logs and a record
// of who they are. When the program that started them is killed without a
// chance to stop them, the next run with the same folder finds the record and
// ends what is left. A recorded process is only ever signalled after its start
// time was compared, so a recycled process id hits nobody else.
//
// The package restarts what died only when it is told to, and does not rotate
// logs. It needs Linux.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	// defaultReadyTimeout is generous: two cores may be compiling next to us.
	defaultReadyTimeout = 2 * time.Minute

	// defaultGrace is what a process gets between SIGTERM and SIGKILL.
	defaultGrace = 10 * time.Second

	// pollInterval is how often a state that nothing announces is looked at.
	pollInterval = 50 * time.Millisecond

	// logTail is how many last lines of a log an error carries.
	logTail = 15
)

// A Spec says what to run.
type Spec struct {
	// Name names the log file and is what errors call the process. It is unique
	// in its group, and a valid file name.
	Name string

	// Path is the program, Args its arguments without the program's name.
	Path string
	Args []string

	// Env is added to this process's own environment, as NAME=value.
	Env []string

	// Dir is the working folder; empty is this process's own.
	Dir string

	// NetNS is the path of a network namespace to run in, such as
	// /run/netns/preview; empty is this process's own. Entering one needs root.
	NetNS string

	// Ready is polled until it returns nil. Without it, a process is ready when
	// it was started.
	Ready func(ctx context.Context) error

	// ReadyTimeout bounds the wait for Ready; zero is two minutes.
	ReadyTimeout time.Duration

	// Grace is the time between SIGTERM and SIGKILL when the process is
	// stopped; zero is ten seconds.
	Grace time.Duration
}

// A Process is a started child.
type Process struct {
	spec    Spec
	id      identity
	logPath string
	process *os.Process

	// done is closed, after err was set, when the process has ended.
	done chan struct{}
	err  error
}

// PID is the process id.
func (p *Process) PID() int { return p.id.PID }

// LogPath is the file that holds what the process printed.
func (p *Process) LogPath() string { return p.logPath }

// Done is closed when the process has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how a process ended, with the end of its log: nil before Done is
// closed, and after an exit with status zero.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Stop ends the process: SIGTERM, then SIGKILL to it and its own children when
// it is still there after its grace or when ctx ends. A process that has already
// ended is no error.
func (p *Process) Stop(ctx context.Context) error {
	return terminate(ctx, p.id, p.spec.Grace, p.done)
}

// Kill ends the process and its own children as a crash would, by SIGKILL and
// without a word before. A process that has already ended is no error.
func (p *Process) Kill(ctx context.Context) error {
	if err := kill(ctx, p.id, p.done); err != nil {
		return fmt.Errorf("cannot kill %s: %w", p.spec.Name, err)
	}
	<-p.done // Soon: only its exit status waits to be read.
	return nil
}

// awaitReady polls until the process is ready, and no longer than it lives.
func (p *Process) awaitReady(ctx context.Context) error {
	if p.spec.Ready == nil {
		return nil
	}
	limit := orDefault(p.spec.ReadyTimeout, defaultReadyTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it had %s", limit))
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := p.spec.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("cannot start %s: it ended before it was ready: %w", p.spec.Name, p.ended())
		case <-ctx.Done():
			return fmt.Errorf("cannot start %s: it is not ready: %w; %w%s", p.spec.Name, err, context.Cause(ctx), p.said())
		case <-ticker.C:
		}
	}
}

// ended is how the process ended, as an error even when its status was zero.
func (p *Process) ended() error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0" + p.said())
}

// said is the end of the log and where to find the rest, to be put at the end
// of an error.
func (p *Process) said() string {
	text, err := os.ReadFile(p.logPath)
	if err != nil {
		return "\nits log cannot be read: " + err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return fmt.Sprintf("\n%s\nthe whole log: %s", strings.Join(lines[max(0, len(lines)-logTail):], "\n"), p.logPath)
}

// command is how to run a spec. nsenter, unlike ip netns exec, keeps the mount
// namespace: in the one ip makes, /sys shows no cgroups.
func command(spec Spec) (*exec.Cmd, error) {
	path, args := spec.Path, spec.Args
	if spec.NetNS != "" {
		nsenter, err := exec.LookPath("nsenter")
		if err != nil {
			return nil, fmt.Errorf("cannot enter network namespace %s: %w; install the package util-linux", spec.NetNS, err)
		}
		args = append([]string{"--net=" + spec.NetNS, "--", path}, args...)
		path = nsenter
	}
	// No context: a child outlives the call that starts it.
	cmd := exec.Command(path, args...) //nolint:noctx // See above.
	cmd.Env = append(os.Environ(), spec.Env...)
	cmd.Dir = spec.Dir
	return cmd, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
