// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// recordFile lists the children of a run, in the order of their start.
const recordFile = "processes.json"

// A Record is a child of a run, as its run folder remembers it.
type Record struct {
	Name string `json:"name"`
	identity
}

// An identity tells a process from any other, earlier or later one with the
// same id.
type identity struct {
	PID int `json:"pid"`

	// StartTime is when the process was started, in the kernel's clock ticks
	// after boot.
	StartTime string `json:"startTime"`

	// Boot is the kernel's id of the boot that StartTime counts from.
	Boot string `json:"boot"`
}

// alive reports whether the very process still runs.
func (id identity) alive() bool {
	now, err := identify(id.PID)
	return err == nil && now == id
}

// Running lists the living children that a run folder remembers, in the order
// of their start. A folder that does not exist has none.
func Running(dir string) ([]Record, error) {
	records, err := readRecords(dir)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(records, func(r Record) bool { return !r.alive() }), nil
}

// End ends the children that a run folder remembers, the last one first,
// whether or not the program that started them still lives.
func End(ctx context.Context, dir string) error {
	if err := end(ctx, dir); err != nil {
		return fmt.Errorf("cannot end the processes of %s: %w", dir, err)
	}
	return nil
}

func end(ctx context.Context, dir string) error {
	running, err := Running(dir)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(running) {
		if err := terminate(ctx, r.identity, defaultGrace, nil); err != nil {
			return fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return removeRecords(dir)
}

// terminate ends a process: SIGTERM, a wait, then SIGKILL to its whole process
// group. done is closed when a process of ours ended; others are looked for.
func terminate(ctx context.Context, id identity, grace time.Duration, done <-chan struct{}) error {
	// On Linux the handle is a file descriptor of the process, opened before the
	// identity is compared: what is signalled is what was compared.
	process, err := os.FindProcess(id.PID)
	if err != nil {
		return err
	}
	defer func() { _ = process.Release() }()
	if !id.alive() {
		return nil
	}
	if err := process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	patient, cancel := context.WithTimeout(ctx, orDefault(grace, defaultGrace))
	defer cancel()
	if awaitEnd(patient, id, done) == nil {
		return nil
	}
	return kill(ctx, id, done)
}

// kill sends SIGKILL to a process and its whole process group, and waits until
// it has ended. The kernel does as told, but for a moment or a stuck disk, so
// the wait is not cut short.
func kill(ctx context.Context, id identity, done <-chan struct{}) error {
	if !id.alive() {
		return nil
	}
	// It leads a process group, and lives: the group is not someone else's.
	if err := syscall.Kill(-id.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	last, cancelLast := context.WithTimeout(context.WithoutCancel(ctx), defaultGrace)
	defer cancelLast()
	if err := awaitEnd(last, id, done); err != nil {
		return fmt.Errorf("process %d survived SIGKILL for %s: the kernel may be waiting for a disk", id.PID, defaultGrace)
	}
	return nil
}

func awaitEnd(ctx context.Context, id identity, done <-chan struct{}) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for id.alive() {
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

func readRecords(dir string) ([]Record, error) {
	data, err := os.ReadFile(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []Record
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w; end its processes yourself and remove it", filepath.Join(dir, recordFile), err)
	}
	return records, nil
}

// writeRecords replaces the record at once: a half-written one would hide
// every process of the run.
func writeRecords(dir string, records []Record) error {
	data, err := json.MarshalIndent(records, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, recordFile)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func removeRecords(dir string) error {
	err := os.Remove(filepath.Join(dir, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
