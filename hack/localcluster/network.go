// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"strings"
)

const bridge = "preview"

// A network is where a cluster's node lives.
type network struct {
	// namespace is the name of the network namespace.
	namespace string

	subnet netip.Prefix
}

// path is the file that stands for the namespace.
func (n network) path() string { return "/run/netns/" + n.namespace }

// wire is this machine's end of the veth pair. Interface names have at most 15
// characters, so it carries a hash.
func (n network) wire() string {
	hash := sha256.Sum256([]byte(n.namespace))
	return "preview-" + hex.EncodeToString(hash[:3])
}

// create makes the namespace, a bridge in it, and a wire to this machine.
func (n network) create(ctx context.Context) error {
	node, host := nodeAddress(n.subnet).String(), hostAddress(n.subnet).String()
	commands := []string{
		"ip netns add " + n.namespace,
		"ip -n NS link set lo up",
		"ip -n NS link add BRIDGE type bridge",
		"ip -n NS address add " + node + "/24 dev BRIDGE",
		"ip -n NS link set BRIDGE up",
		// The API server refuses to start on a machine without a default route.
		"ip -n NS route add default dev BRIDGE",
		"ip link add WIRE type veth peer name uplink netns NS",
		"ip -n NS link set uplink master BRIDGE up",
		"ip address add " + host + "/24 dev WIRE",
		"ip link set WIRE up",
	}
	names := strings.NewReplacer("NS", n.namespace, "BRIDGE", bridge, "WIRE", n.wire())
	for _, command := range commands {
		if _, err := run(ctx, strings.Fields(names.Replace(command))...); err != nil {
			return fmt.Errorf("cannot make the cluster's network: %w", err)
		}
	}
	return n.isolate(ctx)
}

// isolate lets the namespace forward between pods, and lets nothing in it open
// a connection to this machine.
func (n network) isolate(ctx context.Context) error {
	if _, err := n.run(ctx, "", "sysctl", "-qw", "net.ipv4.ip_forward=1"); err != nil {
		return fmt.Errorf("cannot let pods reach each other: %w", err)
	}
	host := hostAddress(n.subnet).String()
	rules := "table inet preview {\n" +
		"  chain output { type filter hook output priority 0; ip daddr " + host + " ct state new reject; }\n" +
		"  chain forward { type filter hook forward priority 0; ip daddr " + host + " ct state new reject; }\n" +
		"}\n"
	if _, err := n.run(ctx, rules, "nft", "-f", "-"); err != nil {
		return fmt.Errorf("cannot keep pods away from this machine: %w", err)
	}
	return nil
}

// exists tells whether the namespace is there.
func (n network) exists() bool {
	_, err := os.Stat(n.path())
	return !errors.Is(err, fs.ErrNotExist)
}

// remove removes the namespace, and with it both ends of the wire.
func (n network) remove(ctx context.Context) error {
	if _, err := os.Stat("/sys/class/net/" + n.wire()); err == nil {
		if _, err := run(ctx, "ip", "link", "delete", n.wire()); err != nil {
			return err
		}
	}
	if !n.exists() {
		return nil
	}
	_, err := run(ctx, "ip", "netns", "delete", n.namespace)
	return err
}

// routesOf lists the routes of this machine.
func routesOf(ctx context.Context) ([]netip.Prefix, error) {
	out, err := run(ctx, "ip", "-4", "route", "show", "table", "all")
	if err != nil {
		return nil, fmt.Errorf("cannot read this machine's routes: %w", err)
	}
	return parseRoutes(out), nil
}

// run runs a short command with some input inside the namespace.
func (n network) run(ctx context.Context, input string, command ...string) (string, error) {
	return runInput(ctx, input, append([]string{"nsenter", "--net=" + n.path(), "--"}, command...)...)
}

func run(ctx context.Context, command ...string) (string, error) {
	return runInput(ctx, "", command...)
}

// runInput runs a short command and returns what it printed.
func runInput(ctx context.Context, input string, command ...string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}
