// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// forwardTimeout bounds the wait for the other end of a forwarded connection.
const forwardTimeout = 10 * time.Second

// Forward passes connections to one address on to another until ctx ends.
func Forward(ctx context.Context, listen, to string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("cannot forward to %s: %w", to, err)
	}
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot forward to %s: %w", to, err)
		}
		go forwardOne(ctx, conn, to)
	}
}

// forwardOne copies both ways until both ends are done. A client that gets no
// answer sees its connection closed.
func forwardOne(ctx context.Context, client net.Conn, to string) {
	defer client.Close()
	server, err := (&net.Dialer{Timeout: forwardTimeout}).DialContext(ctx, "tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	var copying sync.WaitGroup
	copying.Go(func() { pass(server, client) })
	copying.Go(func() { pass(client, server) })
	copying.Wait()
}

// pass copies one way and hands the end of the stream on, so that protocols
// that close one half keep working.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
}
