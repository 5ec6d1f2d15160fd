// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const dialTimeout = 10 * time.Second

// A Dial opens a connection.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// DialContext returns a dialler that opens its connections inside a network
// namespace. An empty path is this program's own network. Inside one, addresses
// have to be IP addresses: names would be resolved by other threads, outside.
func DialContext(netNS string) Dial {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if netNS == "" {
		return dialer.DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		type result struct {
			conn net.Conn
			err  error
		}
		done := make(chan result, 1)
		go func() {
			// Never unlocked: the runtime ends the thread with the goroutine, so
			// that no other goroutine ever runs inside the namespace. A socket
			// stays in the namespace it was made in.
			runtime.LockOSThread()
			if err := enter(netNS); err != nil {
				done <- result{err: err}
				return
			}
			conn, err := dialer.DialContext(ctx, network, address)
			done <- result{conn, err}
		}()
		r := <-done
		return r.conn, r.err
	}
}

// enter moves the current thread into a network namespace.
func enter(netNS string) error {
	file, err := os.Open(netNS)
	if err != nil {
		return fmt.Errorf("cannot enter the network namespace: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("cannot enter network namespace %s: %w", netNS, err)
	}
	return nil
}
