// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/crossplane/function-sdk-go/logging"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/internal/runtime"
)

// inFlight is how many calls Crossplane may have open at once.
const inFlight = 100

// load is G4: the function behind its server, called from another process.
func (r report) load(ctx context.Context, s Subject, small, big stack) error {
	client, err := build.Command(ctx, "./test/bench/loadgen")
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	o := runtime.Options{Insecure: true, Network: "tcp", Address: address, MaxRecvMessageSize: 64, DrainTimeout: 10 * time.Second}
	go func() { served <- runtime.Serve(ctx, o, logging.NewNopLogger(), s.Function) }()

	goruntime.GC()
	cpu, calls := cpuTime(), 2000
	if err := call(ctx, client, address, small.steady.request, calls); err != nil {
		stop()
		return err
	}
	perCore := float64(calls) / (cpuTime() - cpu).Seconds()
	r.line("G4", "calls per second and core, steady", perCore, ">=", 450, "", perCore >= 450)

	goruntime.GC()
	peak := watchHeap()
	err = call(ctx, client, address, big.steady.request, 1000)
	r.gate(r.atMost("G4", fmt.Sprintf("peak heap with %d calls of %d resources in flight", inFlight, big.resources), float64(peak())/(1<<20), 128, " MiB"))
	stop()
	if err != nil {
		return err
	}
	return <-served
}

// call has the other process make calls.
func call(ctx context.Context, client, address string, request []byte, calls int) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return fmt.Errorf("cannot keep request: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "request")
	if err := os.WriteFile(file, request, 0o600); err != nil {
		return fmt.Errorf("cannot keep request: %w", err)
	}
	out, err := exec.CommandContext(ctx, client, address, file, strconv.Itoa(inFlight), strconv.Itoa(calls)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot put load on the function: %w: %s", err, out)
	}
	return nil
}

// watchHeap samples the heap until the function it returns is called, which
// returns the largest size seen in bytes.
func watchHeap() (stop func() uint64) {
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-done:
				result <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(done); return <-result }
}

// freeAddress is an address nobody listens on, as far as one can know.
func freeAddress() (string, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It is closed at once.
	if err != nil {
		return "", fmt.Errorf("cannot find a free port: %w", err)
	}
	return lis.Addr().String(), lis.Close()
}
