// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
)

// A Mode says whether children outlive the program that starts them.
type Mode int

const (
	// Attached children are killed by the kernel when this program ends, however
	// it ends.
	Attached Mode = iota

	// Detached children run on until Stop or End.
	Detached
)

// ErrInUse says that a living program holds the run folder.
var ErrInUse = errors.New("the run folder is in use")

// A Group is the children of one run, in the order in which they were started.
type Group struct {
	dir  string
	mode Mode

	// held is the open log folder; its lock tells other programs that this one
	// lives. The kernel drops the lock with the program.
	held *os.File

	// starts are functions to call on the thread that owns attached children.
	starts chan func()

	mu        sync.Mutex
	processes []*Process
}

// New makes a group with a run folder of its own. It ends what an earlier,
// killed run left in the folder, and drops that run's logs. It fails with
// ErrInUse when the program of an earlier run still lives. Detached children of
// an earlier run are ended too: ask Running first to keep them.
func New(ctx context.Context, dir string, mode Mode) (*Group, error) {
	logs := filepath.Join(dir, "log")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make a run folder: %w", err)
	}
	held, err := hold(logs)
	if err != nil {
		return nil, fmt.Errorf("cannot start a run in %s: %w", dir, err)
	}
	if err := errors.Join(end(ctx, dir), empty(logs)); err != nil {
		_ = held.Close()
		return nil, fmt.Errorf("cannot clean up after an earlier run in %s: %w", dir, err)
	}
	g := &Group{dir: dir, mode: mode, held: held, starts: make(chan func())}
	go g.ownThread()
	return g, nil
}

// Dir is the run folder.
func (g *Group) Dir() string { return g.dir }

// LogDir is the folder that holds one log per process.
func (g *Group) LogDir() string { return filepath.Join(g.dir, "log") }

// ownThread starts the children, on one thread, until the group is stopped. The
// kernel's parent-death signal is sent when the THREAD that started a child
// ends, and the Go runtime ends idle threads at will: so this one is locked.
func (g *Group) ownThread() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for start := range g.starts {
		start()
	}
}

// Start starts a child and waits until it is ready. A child that does not
// become ready is stopped again.
func (g *Group) Start(ctx context.Context, spec Spec) (*Process, error) {
	p, err := g.spawn(spec, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", spec.Name, err)
	}
	if err := p.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// Run starts a child and waits until it has ended. It fails unless the child's
// exit status is zero. A child that still runs when ctx ends is stopped.
func (g *Group) Run(ctx context.Context, spec Spec) error {
	p, err := g.Start(ctx, spec)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
		if p.Err() != nil {
			return fmt.Errorf("%s failed: %w", spec.Name, p.Err())
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("%s did not end: %w", spec.Name, context.Cause(ctx)), p.Stop(context.WithoutCancel(ctx)))
	}
}

// Restart starts a process again that has ended, by the same spec, and waits
// until it is ready. The new one takes the old one's place in the order of the
// group: what was started after it is still stopped before it.
func (g *Group) Restart(ctx context.Context, old *Process) (*Process, error) {
	select {
	case <-old.done:
	default:
		return nil, fmt.Errorf("cannot restart %s: it still runs; stop or kill it first", old.spec.Name)
	}
	p, err := g.spawn(old.spec, old)
	if err != nil {
		return nil, fmt.Errorf("cannot restart %s: %w", old.spec.Name, err)
	}
	if err := p.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// Find returns the process of a name that was started last, whether or not it
// has ended; nil if there is none.
func (g *Group) Find(name string) *Process {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range slices.Backward(g.processes) {
		if p.spec.Name == name {
			return p
		}
	}
	return nil
}

// spawn starts a child and records it, in the place of another one if there is.
func (g *Group) spawn(spec Spec, instead *Process) (*Process, error) {
	cmd, err := command(spec)
	if err != nil {
		return nil, err
	}
	p := &Process{spec: spec, logPath: filepath.Join(g.LogDir(), spec.Name+".log"), done: make(chan struct{})}
	// Appended to, so that a child that is started again keeps its first words.
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = attributes(g.mode)

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held == nil {
		return nil, errors.New("the run was stopped")
	}
	started := make(chan error)
	g.starts <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, err
	}
	p.process = cmd.Process
	go func() {
		if err := cmd.Wait(); err != nil {
			p.err = fmt.Errorf("%w%s", err, p.said())
		}
		close(p.done)
	}()
	return p, g.record(p, instead)
}

// record remembers a child in the run folder. A child that cannot be recorded
// could not be found again, so it is not let live.
func (g *Group) record(p, instead *Process) error {
	id, err := identify(p.process.Pid)
	if errors.Is(err, errGone) {
		return nil
	}
	if err == nil {
		p.id = id
		if i := slices.Index(g.processes, instead); i >= 0 {
			g.processes[i] = p
		} else {
			g.processes = append(g.processes, p)
		}
		err = writeRecords(g.dir, g.records())
	}
	if err != nil {
		return errors.Join(err, p.process.Kill())
	}
	return nil
}

func (g *Group) records() []Record {
	records := make([]Record, 0, len(g.processes))
	for _, p := range g.processes {
		records = append(records, Record{Name: p.spec.Name, identity: p.id})
	}
	return records
}

// Stop ends all children, the last one first, and gives up the run folder, in
// which only the logs stay. The group cannot be used afterwards.
func (g *Group) Stop(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.held == nil {
		return nil
	}
	var errs []error
	for _, p := range slices.Backward(g.processes) {
		if err := p.Stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("cannot stop %s: %w", p.spec.Name, err))
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	close(g.starts)
	err := errors.Join(removeRecords(g.dir), g.held.Close())
	g.held = nil
	return err
}

// hold takes the lock on a folder that tells that its owner lives.
func hold(dir string) (*os.File, error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w by another program: wait for its end, or stop it", ErrInUse)
		}
		return nil, err
	}
	return file, nil
}

func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
