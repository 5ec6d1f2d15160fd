// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
	"github.com/microstaging/preview-stacks/hack/process"
)

const (
	// registryHost is the registry to pods: the name below .localhost makes
	// Crossplane's package manager speak plain HTTP to it.
	registryHost = "registry.preview.localhost"
	registryPort = 5000
	registryName = registryHost + ":5000"

	// Domain is the one that the gateway serves, as in web.preview.localhost.
	Domain = "preview.localhost"

	// nodeName is the name of the one node.
	nodeName = "preview"
)

// Options say what cluster to run.
type Options struct {
	// Name tells clusters of one machine apart; empty is DefaultName.
	Name string

	// Mode says whether the cluster outlives this program. An attached one that
	// is not brought down dies with it, and the next Up or Down cleans up.
	Mode process.Mode

	// Images are built and pushed besides those the cluster itself needs. See
	// images.Names.
	Images []string
}

// A Cluster is a running cluster.
type Cluster struct {
	dir   string
	state state

	// control is nil for a cluster that another program started.
	control *controlplane.ControlPlane
}

// A Registry is the cluster's, as its two kinds of clients know it.
type Registry struct {
	// Name is what images and packages are called in the cluster, as in
	// registry.preview.localhost:5000/shop/web:1.
	Name string

	// Address is where clients on this machine push, as in 10.77.0.1:5000. It
	// speaks plain HTTP.
	Address string
}

// Up starts a cluster and waits until it works. A cluster of that name that is
// up already is used as it is; whatever else is left of one is removed first.
func Up(ctx context.Context, options Options) (*Cluster, error) {
	if options.Name == "" {
		options.Name = DefaultName
	}
	if err := checkMachine(); err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, options.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	running, err := Attach(ctx, options.Name)
	if err == nil {
		return running, running.add(ctx, options.Images)
	}
	if err := removeOld(ctx, options.Name); err != nil {
		return nil, err
	}
	c, err := newCluster(ctx, options.Name)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx, options); err != nil {
		return nil, errors.Join(
			fmt.Errorf("cannot start the cluster: %w", err),
			fmt.Errorf("the logs are kept in %s", filepath.Join(c.dir, "log")),
			c.stop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// Attach finds a cluster that another program started and that works.
func Attach(ctx context.Context, name string) (*Cluster, error) {
	dir, err := runDir(name)
	if err != nil {
		return nil, err
	}
	s, err := readState(dir)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, state: s}
	if !s.Up {
		return nil, fmt.Errorf("%w: %s did not come up whole", errNone, name)
	}
	if err := c.check(ctx); err != nil {
		return nil, fmt.Errorf("cluster %s does not work: %w", name, err)
	}
	return c, nil
}

// Kubeconfig is the path of the administrator's kubeconfig. It works on this
// machine for whoever can read it.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.dir, "kubeconfig") }

// RESTConfig is how to reach the API server as the administrator.
func (c *Cluster) RESTConfig() (*rest.Config, error) { return controlplane.RESTConfig(c.dir, "") }

// GatewayAddress is where the gateway answers, for clients that set the Host
// header themselves, as in 10.77.0.1:80.
func (c *Cluster) GatewayAddress() string { return net.JoinHostPort(c.node(), "80") }

// URL is where browsers and curl on this machine find a host of the gateway, as
// in http://web.preview.localhost.
func (c *Cluster) URL(host string) string {
	if c.state.BrowserPort == 80 {
		return "http://" + host
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(c.state.BrowserPort))
}

// Registry is where images and packages are pushed to.
func (c *Cluster) Registry() Registry {
	return Registry{Name: registryName, Address: net.JoinHostPort(c.node(), strconv.Itoa(registryPort))}
}

// LogDir is the folder of the processes' logs.
func (c *Cluster) LogDir() string { return filepath.Join(c.dir, "log") }

// Stop stops the cluster and removes all of it but the processes' logs.
func (c *Cluster) Stop(ctx context.Context) error { return c.stop(ctx) }

// Down stops the cluster and removes all of it.
func (c *Cluster) Down(ctx context.Context) error {
	if err := c.stop(ctx); err != nil {
		return err
	}
	return os.RemoveAll(c.dir)
}

// Down stops a cluster that some program started, and removes all of it. It
// also removes what is left of one that was killed. No cluster is no error.
func Down(ctx context.Context, name string) error {
	if err := checkMachine(); err != nil {
		return err
	}
	unlock, err := lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	return removeOld(ctx, name)
}

// removeOld removes what a run folder remembers.
func removeOld(ctx context.Context, name string) error {
	dir, err := runDir(name)
	if err != nil {
		return err
	}
	s, err := readState(dir)
	if errors.Is(err, errNone) {
		return nil
	}
	if err != nil {
		return err
	}
	return build.Step(ctx, "removing cluster "+name, (&Cluster{dir: dir, state: s}).Down)
}

func (c *Cluster) node() string { return nodeAddress(c.state.Subnet).String() }

// newCluster decides on the names and addresses of a cluster, and records them.
func newCluster(ctx context.Context, name string) (*Cluster, error) {
	if err := installPrograms(ctx); err != nil {
		return nil, err
	}
	dir, err := runDir(name)
	if err != nil {
		return nil, err
	}
	routes, err := routesOf(ctx)
	if err != nil {
		return nil, err
	}
	subnet, err := freeSubnet(routes)
	if err != nil {
		return nil, err
	}
	port, err := browserPort()
	if err != nil {
		return nil, err
	}
	sysctls, err := readSysctls()
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, state: state{Name: name, Subnet: subnet, BrowserPort: port, Sysctls: sysctls}}
	return c, c.state.write(dir)
}

// start goes through the steps, each of which needs the ones before it.
func (c *Cluster) start(ctx context.Context, options Options) error {
	programs, err := buildPrograms(ctx)
	if err != nil {
		return err
	}
	built, err := buildImages(ctx, append(slices.Clone(addonImages), options.Images...))
	if err != nil {
		return err
	}
	if err := build.Step(ctx, "starting the control plane", func(ctx context.Context) error { return c.startControlPlane(ctx, options.Mode) }); err != nil {
		return err
	}
	if err := build.Step(ctx, "starting the node", func(ctx context.Context) error { return c.startNode(ctx, programs) }); err != nil {
		return err
	}
	if err := c.push(ctx, built); err != nil {
		return err
	}
	if err := build.Step(ctx, "starting name resolution, volumes, the gateway, KEDA and Crossplane", c.startAddons); err != nil {
		return err
	}
	c.state.Up = true
	return c.state.write(c.dir)
}

// add builds images and pushes them to a running cluster.
func (c *Cluster) add(ctx context.Context, names []string) error {
	built, err := buildImages(ctx, names)
	if err != nil {
		return err
	}
	return c.push(ctx, built)
}

// startControlPlane starts it inside the cluster's network.
func (c *Cluster) startControlPlane(ctx context.Context, mode process.Mode) error {
	n := c.state.network()
	if err := n.create(ctx); err != nil {
		return err
	}
	control, err := controlplane.Start(ctx, controlplane.Options{
		Dir: c.dir, Mode: mode, NetNS: n.path(), BindAddress: "0.0.0.0", AdvertiseAddress: c.node(),
	})
	if err != nil {
		return err
	}
	c.control = control
	data, err := os.ReadFile(control.Kubeconfig())
	if err != nil {
		return fmt.Errorf("cannot read the kubeconfig: %w", err)
	}
	if err := os.WriteFile(c.Kubeconfig(), data, 0o600); err != nil {
		return fmt.Errorf("cannot write the kubeconfig: %w", err)
	}
	return nil
}

// browserPort is a port of 127.0.0.1 that nobody listens at: 80, which URLs need
// not name, or 8080, or any.
func browserPort() (int, error) {
	for _, port := range []int{80, 8080, 0} {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		free := listener.Addr().(*net.TCPAddr).Port
		return free, listener.Close()
	}
	return 0, errors.New("cannot find a free port on 127.0.0.1 for the gateway")
}
