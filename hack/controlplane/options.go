// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

// Options say what control plane to start. The zero value is one for a test:
// on loopback, at free ports, with no nodes, gone when the test is.
type Options struct {
	// Dir is the run folder: logs stay in it, all else is removed by Stop. Empty
	// is the first folder of the cache that no living control plane uses.
	Dir string

	// Mode says whether the processes outlive this program. Detached ones are
	// ended by Remove.
	Mode process.Mode

	// NetNS is the path of a network namespace for all processes; empty is this
	// program's own. RESTConfig reaches into it, other clients have to enter it.
	NetNS string

	// BindAddress is what the API server listens at; empty is 127.0.0.1. etcd,
	// the controller manager and the scheduler always listen on loopback.
	BindAddress string

	// AdvertiseAddress is where nodes and pods reach the API server, and what
	// kubeconfigs name; empty is 127.0.0.1.
	AdvertiseAddress string

	// Ports to listen at. Each that is zero is a free one, or the usual one in a
	// network namespace of the control plane's own.
	Ports Ports

	// ServiceCIDR and PodCIDR are the ranges of cluster IPs and of pod IPs;
	// empty are 10.96.0.0/16 and 10.244.0.0/16.
	ServiceCIDR string
	PodCIDR     string

	// Nodes is how many nodes KWOK pretends there are. Their pods are Ready at
	// once and run nothing; pods of Jobs complete at once.
	Nodes int

	// Stages are files of further KWOK stages, for pods that should behave in
	// other ways than ImageMissing and its like do.
	Stages []string
}

// Ports are those of the control plane's processes.
type Ports struct {
	Etcd, EtcdPeer, API, ControllerManager, Scheduler int
}

// maxRuns is how many control planes one machine may run at once, far more than
// its memory allows.
const maxRuns = 16

// DefaultDir is the n-th run folder that Start uses when it is given none.
func DefaultDir(n int) (string, error) {
	cache, err := build.CacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "run", "controlplane-"+strconv.Itoa(n)), nil
}

// withDefaults fills in what was left out.
func (o Options) withDefaults(ctx context.Context) (Options, error) {
	o.BindAddress = orDefault(o.BindAddress, "127.0.0.1")
	o.AdvertiseAddress = orDefault(o.AdvertiseAddress, "127.0.0.1")
	o.ServiceCIDR = orDefault(o.ServiceCIDR, "10.96.0.0/16")
	o.PodCIDR = orDefault(o.PodCIDR, "10.244.0.0/16")
	free, err := freePorts(ctx, 5)
	if err != nil {
		return o, err
	}
	if o.NetNS != "" {
		free = []int{2379, 2380, 6443, 10257, 10259}
	}
	for i, port := range []*int{&o.Ports.Etcd, &o.Ports.EtcdPeer, &o.Ports.API, &o.Ports.ControllerManager, &o.Ports.Scheduler} {
		if *port == 0 {
			*port = free[i]
		}
	}
	return o, nil
}

// apiServiceIP is the first address of the service range, which the API server
// takes for the Service kubernetes.default and its certificate has to name.
func (o Options) apiServiceIP() (string, error) {
	ip, network, err := net.ParseCIDR(o.ServiceCIDR)
	if err != nil || ip.To4() == nil {
		return "", fmt.Errorf("service range is %q, which is not an IPv4 range: write one such as 10.96.0.0/16", o.ServiceCIDR)
	}
	first := network.IP.To4()
	first[3]++
	return first.String(), nil
}

// freePorts asks the kernel for loopback ports that nobody listens at. They are
// all held until the last is known, so that they differ.
func freePorts(ctx context.Context, n int) (ports []int, err error) {
	for range n {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("cannot find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
