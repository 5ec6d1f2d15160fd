// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// runnerEnv makes this test binary play the program that starts children and is
// then killed. Its value is the mode.
const runnerEnv = "PROCESS_TEST_RUNNER"

func TestMain(m *testing.M) {
	if mode, err := strconv.Atoi(os.Getenv(runnerEnv)); err == nil {
		runUntilKilled(os.Args[1], Mode(mode))
	}
	os.Exit(m.Run())
}

// runUntilKilled starts a child and waits for the end.
func runUntilKilled(dir string, mode Mode) {
	g, err := New(context.Background(), dir, mode)
	if err != nil {
		panic(err)
	}
	if _, err := g.Start(context.Background(), shell("child", "sleep 1000")); err != nil {
		panic(err)
	}
	write(filepath.Join(dir, "started"))
	select {}
}

func write(path string) {
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		panic(err)
	}
}

// shell runs a script as a child. Its last command replaces the shell.
func shell(name, script string) Spec {
	return Spec{Name: name, Path: "/bin/sh", Args: []string{"-c", script}}
}

func newGroup(t *testing.T, dir string) *Group {
	t.Helper()
	g, err := New(t.Context(), dir, Attached)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return g
}

// eventually fails the test when a condition does not come true.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(20 * time.Second)
	for !condition() {
		select {
		case <-deadline:
			t.Fatalf("it never came true that %s", what)
		case <-ticker.C:
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestStartAwaitsReadiness(t *testing.T) {
	dir := t.TempDir()
	g := newGroup(t, dir)
	spec := shell("slow", `sleep 0.2; touch "$READY"; exec sleep 1000`)
	spec.Env = []string{"READY=" + filepath.Join(dir, "ready")}
	spec.Ready = func(context.Context) error {
		_, err := os.Stat(filepath.Join(dir, "ready"))
		return err
	}
	p, err := g.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(dir, "ready")) || !p.id.alive() || p.Err() != nil {
		t.Errorf("a started process must be ready and alive: %v", p.Err())
	}
}

func TestStartFailures(t *testing.T) {
	never := func(context.Context) error { return errors.New("nothing listens") }
	cases := map[string]struct {
		reason string
		spec   Spec
		want   []string
	}{
		"Dies": {
			reason: "A process that ends before it is ready must fail at once, with its last words and its log.",
			spec:   Spec{Name: "dies", Path: "/bin/sh", Args: []string{"-c", "echo no such flag; exit 3"}, Ready: never},
			want:   []string{"dies", "exit status 3", "no such flag", "dies.log"},
		},
		"NeverReady": {
			reason: "A process that stays unready must fail with what was last seen.",
			spec:   Spec{Name: "hangs", Path: "/bin/sh", Args: []string{"-c", "exec sleep 1000"}, Ready: never, ReadyTimeout: 100 * time.Millisecond},
			want:   []string{"hangs", "nothing listens", "it had 100ms", "hangs.log"},
		},
		"NoSuchProgram": {
			reason: "A missing program must be named.",
			spec:   Spec{Name: "absent", Path: "/does/not/exist"},
			want:   []string{"absent", "/does/not/exist"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := newGroup(t, dir).Start(t.Context(), tc.spec)
			for _, want := range tc.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: want %q in the error, got %v", tc.reason, want, err)
				}
			}
			if running, err := Running(dir); len(running) > 0 || err != nil {
				t.Errorf("%s: nothing may be left running: %v, %v", tc.reason, running, err)
			}
		})
	}
}

func TestRun(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	cases := map[string]struct {
		reason string
		ctx    context.Context
		script string
		want   string
	}{
		"Ends":   {reason: "A child that exits with zero succeeded.", ctx: t.Context(), script: "exit 0"},
		"Fails":  {reason: "A child's status and last words are the error.", ctx: t.Context(), script: "echo no such kind; exit 1", want: "no such kind"},
		"RunsOn": {reason: "A child is stopped when nobody waits any more.", ctx: cancelled, script: "exec sleep 1000", want: "did not end"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			err := newGroup(t, dir).Run(tc.ctx, shell("job", tc.script))
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: want %q, got %v", tc.reason, tc.want, err)
			}
			if running, err := Running(dir); len(running) > 0 || err != nil {
				t.Errorf("%s: nothing may be left running: %v, %v", tc.reason, running, err)
			}
		})
	}
}

func TestStopInReverseOrder(t *testing.T) {
	dir := t.TempDir()
	g := newGroup(t, dir)
	stopped := filepath.Join(dir, "stopped")
	for _, name := range []string{"first", "second", "third"} {
		spec := shell(name, `trap 'echo "$NAME" >>"$STOPPED"; exit 0' TERM; touch "$STOPPED.$NAME"; while :; do sleep 0.05; done`)
		spec.Env = []string{"NAME=" + name, "STOPPED=" + stopped}
		spec.Ready = func(context.Context) error { _, err := os.Stat(stopped + "." + name); return err }
		if _, err := g.Start(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(stopped)
	if diff := cmp.Diff("third\nsecond\nfirst\n", string(order)); diff != "" || err != nil {
		t.Errorf("what was started later may need what was started earlier: %v %s", err, diff)
	}
	if exists(filepath.Join(dir, recordFile)) || !exists(filepath.Join(dir, "log", "first.log")) {
		t.Error("only logs may stay in the run folder, and they must")
	}
}

func TestStopKills(t *testing.T) {
	g := newGroup(t, t.TempDir())
	spec := shell("stubborn", `trap '' TERM; touch "$READY"; while :; do sleep 0.05; done`)
	ready := filepath.Join(t.TempDir(), "ready")
	spec.Env = []string{"READY=" + ready}
	spec.Ready = func(context.Context) error { _, err := os.Stat(ready); return err }
	spec.Grace = 50 * time.Millisecond
	p, err := g.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(t.Context()); err != nil || p.id.alive() {
		t.Errorf("a process that ignores SIGTERM must be killed: %v", err)
	}
	<-p.Done()
	if p.Err() == nil || !strings.Contains(p.Err().Error(), "killed") {
		t.Errorf("want to hear that it was killed, got %v", p.Err())
	}
}

// TestRestart: a process that was killed starts again as it was, and is still
// stopped after what was started after it.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	g := newGroup(t, dir)
	stopped := filepath.Join(dir, "stopped")
	for _, name := range []string{"first", "second"} {
		spec := shell(name, `trap 'echo "$NAME" >>"$STOPPED"; exit 0' TERM; touch "$STOPPED.$NAME"; while :; do sleep 0.05; done`)
		spec.Env = []string{"NAME=" + name, "STOPPED=" + stopped}
		spec.Ready = func(context.Context) error { _, err := os.Stat(stopped + "." + name); return err }
		if _, err := g.Start(t.Context(), spec); err != nil {
			t.Fatal(err)
		}
	}
	old := g.Find("first")
	if _, err := g.Restart(t.Context(), old); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("want no second one beside one that lives, got %v", err)
	}
	if err := old.Kill(t.Context()); err != nil || old.id.alive() {
		t.Fatalf("want it dead: %v", err)
	}
	if err := os.Remove(stopped + ".first"); err != nil {
		t.Fatal(err)
	}
	again, err := g.Restart(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	if !exists(stopped+".first") || !again.id.alive() || g.Find("first") != again || g.Find("third") != nil {
		t.Error("want it alive, ready, and found by its name")
	}
	if running, err := Running(dir); len(running) != 2 || err != nil {
		t.Errorf("want the record to know both, and no more: %v, %v", running, err)
	}
	if err := g.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(stopped)
	if diff := cmp.Diff("second\nfirst\n", string(order)); diff != "" || err != nil {
		t.Errorf("want it stopped in the place of the old one: %v %s", err, diff)
	}
}

func TestKilledRun(t *testing.T) {
	cases := map[string]struct {
		reason string
		mode   Mode
		left   bool
	}{
		"Attached": {reason: "An attached child dies with the program that started it.", mode: Attached, left: false},
		"Detached": {reason: "A detached child lives on, and the next run ends it.", mode: Detached, left: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			runner := exec.Command(os.Args[0], dir)
			runner.Env = append(os.Environ(), runnerEnv+"="+strconv.Itoa(int(tc.mode)))
			if err := runner.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = runner.Process.Kill() })
			eventually(t, "the runner started its child", func() bool { return exists(filepath.Join(dir, "started")) })
			records, err := readRecords(dir)
			if err != nil || len(records) != 1 {
				t.Fatalf("want one record, got %v, %v", records, err)
			}
			child := records[0].identity

			if _, err := New(t.Context(), dir, Attached); !errors.Is(err, ErrInUse) {
				t.Errorf("%s: the folder of a living run must not be taken over, got %v", tc.reason, err)
			}
			if err := runner.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = runner.Wait()
			if !tc.left {
				eventually(t, "the attached child is dead", func() bool { return !child.alive() })
			}
			if got := child.alive(); got != tc.left {
				t.Errorf("%s: want alive %t, got %t", tc.reason, tc.left, got)
			}
			newGroup(t, dir)
			if child.alive() || exists(filepath.Join(dir, recordFile)) {
				t.Errorf("%s: the next run must leave nothing of the last one", tc.reason)
			}
		})
	}
}

func TestEndSparesRecycledIDs(t *testing.T) {
	bystander := exec.Command("/bin/sleep", "1000")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bystander.Process.Kill(); _ = bystander.Wait() })
	now, err := identify(bystander.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		change func(*identity)
	}{
		"OtherStartTime": {reason: "A process that was started at another time is another process.", change: func(id *identity) { id.StartTime += "0" }},
		"OtherBoot":      {reason: "After a reboot, start times repeat.", change: func(id *identity) { id.Boot = "another" }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir, recorded := t.TempDir(), now
			tc.change(&recorded)
			if err := writeRecords(dir, []Record{{Name: "recycled", identity: recorded}}); err != nil {
				t.Fatal(err)
			}
			if err := End(t.Context(), dir); err != nil || !now.alive() {
				t.Errorf("%s: it must not be killed: %v", tc.reason, err)
			}
		})
	}
}

func TestRunning(t *testing.T) {
	dir := t.TempDir()
	g := newGroup(t, dir)
	for _, name := range []string{"stays", "goes"} {
		if _, err := g.Start(t.Context(), shell(name, "exec sleep 1000")); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.processes[1].Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	running, err := Running(dir)
	names := make([]string, 0, len(running))
	for _, r := range running {
		names = append(names, r.Name)
	}
	if diff := cmp.Diff([]string{"stays"}, names); diff != "" || err != nil {
		t.Errorf("want only what lives: %v %s", err, diff)
	}
}

func TestNetNS(t *testing.T) {
	ip, err := exec.LookPath("ip")
	if os.Getuid() != 0 || err != nil {
		t.Skip("making a network namespace needs root and iproute2")
	}
	name := "process-test-" + strconv.Itoa(os.Getpid())
	if out, err := exec.Command(ip, "netns", "add", name).CombinedOutput(); err != nil {
		t.Skipf("this machine makes no network namespaces: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(ip, "netns", "delete", name).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	g := newGroup(t, t.TempDir())
	spec := shell("inside", "readlink /proc/self/ns/net; exec sleep 1000")
	spec.NetNS = "/run/netns/" + name
	p, err := g.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	var said []byte
	eventually(t, "the child printed its namespace", func() bool {
		said, _ = os.ReadFile(p.LogPath())
		return len(said) > 0
	})
	outside, err := os.Readlink("/proc/self/ns/net")
	if inside := strings.TrimSpace(string(said)); inside == outside || err != nil || !p.id.alive() {
		t.Errorf("want another network namespace than %s, got %s, %v", outside, inside, err)
	}
}
