// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// TestProtocols: what is not plain requests passes the gateway, too.
func TestProtocols(t *testing.T) {
	t.Parallel()
	stack := claim(t, "protocols", `
services:
  web:
    image: "`+image+`"
    ports: {http: {port: 8080}, grpc: {port: 9090, protocol: GRPC}}
    healthcheck: {http: {path: /, port: http}}
    expose: {host: web, port: http, ports: {grpc: {host: rpc}}}
`)
	status := await(t, stack, func(s v1alpha1.PreviewStackStatus) bool { return s.Phase == v1alpha1.PhaseReady && len(s.URLs) == 2 })
	answers(t, status.URLs["web"], "hello from the preview")
	t.Run("WebSocket", func(t *testing.T) { echo(t, hostOf(status.URLs["web"])) })
	t.Run("GRPC", func(t *testing.T) { checkHealth(t, hostOf(status.URLs["rpc"])) })
}

func hostOf(url string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	return host
}

// echo upgrades a connection through the gateway and reads back what it wrote.
func echo(t *testing.T, host string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", place.Gateway.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		t.Fatal(err)
	}
	const key = "dGhlIHNhbXBsZSBub25jZQ==" // RFC 6455's own example
	if _, err := fmt.Fprintf(conn, "GET /echo HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", host, key); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil) //nolint:bodyclose // An upgraded connection has none.
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("the upgrade was answered with %s, accept %q", response.Status, response.Header.Get("Sec-WebSocket-Accept"))
	}
	const message = "still there?"
	if _, err := io.WriteString(conn, message); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(message))
	if _, err := io.ReadFull(reader, back); err != nil || string(back) != message {
		t.Errorf("wrote %q, read %q: %v", message, back, err)
	}
}

// checkHealth calls gRPC's health service through the gateway.
func checkHealth(t *testing.T, host string) {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+place.Gateway.Address, grpc.WithAuthority(host), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	awaitText(t, "the answer of gRPC's health service", func() string {
		response, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
		if err != nil {
			return err.Error()
		}
		return response.GetStatus().String()
	}, "SERVING")
}
