// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package controlplane

import (
	"context"
	"net"
)

// A Dial opens a connection.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// DialContext returns a dialler for this program's own network: other systems
// than Linux have no network namespaces.
func DialContext(string) Dial { return new(net.Dialer).DialContext }
