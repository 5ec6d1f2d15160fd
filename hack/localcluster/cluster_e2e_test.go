// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package localcluster

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

// testName keeps the tests apart from a cluster that is in use.
const testName = "e2e"

// TestCluster runs what a preview is made of, and looks at the machine before
// and after.
func TestCluster(t *testing.T) {
	if err := Down(t.Context(), testName); err != nil {
		t.Fatal(err)
	}
	before := traces(t)
	c, err := Up(t.Context(), Options{Name: testName, Images: []string{"postgres", "wiremock"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Down(context.Background()); err != nil {
			t.Error(err)
		}
		nothingNew(t, before)
	})
	if err := c.control.ApplyFiles(t.Context(), "testdata/workloads.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := c.awaitDeployments(t.Context(), []client.ObjectKey{{Namespace: "shop", Name: "db"}, {Namespace: "shop", Name: "mock"}}); err != nil {
		t.Fatal(err)
	}

	t.Run("DataSurvivesThePod", func(t *testing.T) { testData(t, c) })
	t.Run("GatewayAnswersThisMachine", func(t *testing.T) {
		await(t, "the mock answers through the gateway", func(ctx context.Context) error {
			return get(ctx, c.GatewayAddress(), "mock."+Domain, "/__admin/health")
		})
		await(t, "it does at the address of browsers", func(ctx context.Context) error {
			return get(ctx, fmt.Sprintf("127.0.0.1:%d", c.state.BrowserPort), "mock."+Domain, "/__admin/health")
		})
	})
	t.Run("PodsDoNotReachThisMachine", func(t *testing.T) { testIsolation(t, c) })
	t.Run("SecondUpUsesIt", func(t *testing.T) {
		again, err := Up(t.Context(), Options{Name: testName})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.state, again.state, cmp.Comparer(func(a, b state) bool { return a.Subnet == b.Subnet && a.BrowserPort == b.BrowserPort })); diff != "" {
			t.Errorf("Up(...): -first, +second:\n%s", diff)
		}
	})
}

// testData writes through the database's Service, so that names resolve and
// Services work too, and reads after the pod was replaced.
func testData(t *testing.T, c *Cluster) {
	t.Helper()
	sql := func(statement string) (string, error) {
		return c.kubectl(t.Context(), "exec", "-n", "shop", "deploy/db", "--", "env", "PGPASSWORD=secret", "psql", "-h", "db.shop.svc", "-U", "shop", "-Atc", statement)
	}
	if out, err := sql("CREATE TABLE cart AS SELECT 42 AS items"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := c.kubectl(t.Context(), "delete", "pod", "-n", "shop", "-l", "app=db"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	await(t, "the new pod has the data", func(context.Context) error {
		out, err := sql("SELECT items FROM cart")
		if err == nil && out != "42\n" {
			err = fmt.Errorf("got %q", out)
		}
		return err
	})
}

// testIsolation lets a pod knock at a port that this machine listens at.
func testIsolation(t *testing.T, c *Cluster) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: hostAddress(c.state.Subnet).AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	const knocked = 2 * time.Second
	_, _ = c.kubectl(t.Context(), "exec", "-n", "shop", "deploy/db", "--", "pg_isready", "-t", "1", "-h", host, "-p", port)
	if err := listener.SetDeadline(time.Now().Add(knocked)); err != nil {
		t.Fatal(err)
	}
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("a pod reached this machine from %s", conn.RemoteAddr())
		conn.Close()
	}
}

// TestDownAfterKill kills every process that was started, as an impatient
// person or the kernel would. Containers and their shims live on then.
func TestDownAfterKill(t *testing.T) {
	if err := Down(t.Context(), testName); err != nil {
		t.Fatal(err)
	}
	before := traces(t)
	c, err := Up(t.Context(), Options{Name: testName, Mode: process.Detached})
	if err != nil {
		t.Fatal(err)
	}
	running, err := process.Running(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range running {
		if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Attach(t.Context(), testName); err == nil {
		t.Error("Attach(...): want an error for a cluster whose processes were killed")
	}
	if err := Down(t.Context(), testName); err != nil {
		t.Fatal(err)
	}
	nothingNew(t, before)
}

// nothingNew compares the machine after a cluster with the machine before it.
func nothingNew(t *testing.T, before []string) {
	t.Helper()
	after := slices.DeleteFunc(traces(t), func(trace string) bool { return slices.Contains(before, trace) })
	if diff := cmp.Diff([]string{}, after); diff != "" {
		t.Errorf("Down(...) leaves nothing: -want, +got:\n%s", diff)
	}
}

// traces is everything on this machine that a cluster of the test's name could
// leave.
func traces(t *testing.T) []string {
	t.Helper()
	dir, err := runDir(testName)
	if err != nil {
		t.Fatal(err)
	}
	n := state{Name: testName}.network()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	found := mountsBelow(string(mounts), dir)
	folders, err := cgroupFolders(n.namespace)
	if err != nil {
		t.Fatal(err)
	}
	found = append(found, folders...)
	fixed, err := findTraces(dir)
	if err != nil {
		t.Fatal(err)
	}
	found = append(found, fixed...)
	for _, path := range []string{n.path(), "/sys/class/net/" + n.wire(), dir} {
		if _, err := os.Lstat(path); err == nil {
			found = append(found, path)
		}
	}
	// One that is not empty is another cluster's.
	for _, folder := range fixedFolders {
		if entries, err := os.ReadDir(folder); err == nil && len(entries) == 0 {
			found = append(found, folder)
		}
	}
	commands, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		line, err := os.ReadFile(command)
		if err == nil && strings.Contains(string(line), dir+"/") {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	settings, err := readSysctls()
	if err != nil {
		t.Fatal(err)
	}
	return append(found, fmt.Sprint(settings))
}

// kubectl runs the client that people use, as they do.
func (c *Cluster) kubectl(ctx context.Context, args ...string) (string, error) {
	path, err := build.Tool(ctx, "kubectl")
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func get(ctx context.Context, address, host, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return err
	}
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s of %s: %s", path, host, response.Status)
	}
	return nil
}

func await(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v: %v", what, err, last)
	}
}
