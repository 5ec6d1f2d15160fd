// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
	"github.com/microstaging/preview-stacks/hack/process"
)

// nodeDir is the folder of the node's files.
func (c *Cluster) nodeDir() string { return filepath.Join(c.dir, "node") }

func (c *Cluster) file(elements ...string) string {
	return filepath.Join(append([]string{c.nodeDir()}, elements...)...)
}

func (c *Cluster) values() values {
	return values{
		Dir:             c.nodeDir(),
		Namespace:       c.state.network().namespace,
		Node:            c.node(),
		Registry:        registryName,
		Socket:          c.file("containerd.sock"),
		CNIPlugins:      cniPlugins,
		ProxyKubeconfig: filepath.Join(c.dir, "state", "kubeconfig", "kube-proxy"),
	}
}

// startNode starts what makes this machine a node, in the order of need.
func (c *Cluster) startNode(ctx context.Context, programs map[string]string) error {
	if err := c.writeNodeFiles(); err != nil {
		return err
	}
	kubelet, err := c.control.WriteKubeconfig("kubelet", controlplane.Subject{Name: "system:node:" + nodeName, Groups: []string{"system:nodes"}})
	if err != nil {
		return err
	}
	if _, err := c.control.WriteKubeconfig("kube-proxy", controlplane.Subject{Name: "system:kube-proxy"}); err != nil {
		return err
	}
	for _, spec := range []process.Spec{
		c.registry(programs["cluster"]),
		c.containerd(),
		c.kubelet(programs["kubelet"], kubelet),
		c.kubeProxy(programs["kube-proxy"]),
		c.forward(programs["cluster"]),
	} {
		if _, err := c.control.Group.Start(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

// writeNodeFiles writes configuration, certificates and folders.
func (c *Cluster) writeNodeFiles() error {
	for name, path := range map[string]string{
		"config/containerd.toml": c.file("containerd.toml"),
		"config/kubelet.yaml":    c.file("kubelet.yaml"),
		"config/kube-proxy.yaml": c.file("kube-proxy.yaml"),
		"config/cni.conflist":    c.file("cni", "10-preview.conflist"),
		"config/hosts.toml":      c.file("registry", "_default", "hosts.toml"),
	} {
		if err := c.values().render(name, path); err != nil {
			return err
		}
	}
	if err := c.control.CA.IssueFiles(c.file("pki", "kubelet"), controlplane.Subject{Name: "kubelet", Hosts: []string{nodeName, c.node()}}); err != nil {
		return err
	}
	// The cluster has no name server beyond its own.
	if err := os.WriteFile(c.file("resolv.conf"), nil, 0o644); err != nil {
		return fmt.Errorf("cannot write the node's files: %w", err)
	}
	if err := os.MkdirAll(c.file("volumes"), 0o755); err != nil {
		return fmt.Errorf("cannot write the node's files: %w", err)
	}
	return makeCgroup(c.state.network().namespace)
}

func (c *Cluster) registry(path string) process.Spec {
	return process.Spec{
		Name: "registry", Path: path, NetNS: c.state.network().path(),
		Args:  []string{"registry", "--listen=:" + strconv.Itoa(registryPort)},
		Ready: answers("http://" + c.Registry().Address + "/v2/"),
	}
}

func (c *Cluster) containerd() process.Spec {
	socket := c.values().Socket
	return process.Spec{
		Name: "containerd", Path: "containerd", NetNS: c.state.network().path(),
		Args:  []string{"--config=" + c.file("containerd.toml")},
		Ready: func(ctx context.Context) error { return dial(ctx, "unix", socket) },
	}
}

func (c *Cluster) kubelet(path, kubeconfig string) process.Spec {
	return process.Spec{
		Name: "kubelet", Path: path, NetNS: c.state.network().path(),
		Args: []string{
			"--config=" + c.file("kubelet.yaml"),
			"--kubeconfig=" + kubeconfig,
			"--root-dir=" + c.file("kubelet"),
			"--hostname-override=" + nodeName,
			"--node-ip=" + c.node(),
		},
		Ready: c.nodeReady,
	}
}

func (c *Cluster) kubeProxy(path string) process.Spec {
	return process.Spec{
		Name: "kube-proxy", Path: path, NetNS: c.state.network().path(),
		Args: []string{"--config=" + c.file("kube-proxy.yaml")},
	}
}

// forward runs outside the cluster's network: it is this machine's 127.0.0.1
// that it listens at.
func (c *Cluster) forward(path string) process.Spec {
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(c.state.BrowserPort))
	return process.Spec{
		Name: "forward", Path: path,
		Args:  []string{"forward", "--listen=" + listen, "--to=" + c.GatewayAddress()},
		Ready: func(ctx context.Context) error { return dial(ctx, "tcp", listen) },
	}
}

// nodeReady checks that the node takes pods.
func (c *Cluster) nodeReady(ctx context.Context) error {
	node := &corev1.Node{}
	if err := c.control.Client.Get(ctx, client.ObjectKey{Name: nodeName}, node); err != nil {
		return err
	}
	ready := slices.ContainsFunc(node.Status.Conditions, func(condition corev1.NodeCondition) bool {
		return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
	})
	if !ready {
		return errors.New("the node is not Ready")
	}
	return nil
}

// buildPrograms makes the node's programs before anything runs: on a first start
// this is most of the wait.
func buildPrograms(ctx context.Context) (map[string]string, error) {
	programs, err := build.Tools(ctx, "kubelet", "kube-proxy", "helm")
	if err != nil {
		return nil, err
	}
	programs["cluster"], err = build.Command(ctx, "./hack/cmd/cluster")
	return programs, err
}

func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := (&http.Client{Timeout: 5 * time.Second}).Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", url, response.Status)
		}
		return nil
	}
}

func dial(ctx context.Context, network, address string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// check tells whether a cluster that another program started works: all of its
// processes live, and the node is Ready.
func (c *Cluster) check(ctx context.Context) error {
	running, err := process.Running(c.dir)
	if err != nil {
		return err
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "registry", "containerd", "kubelet", "kube-proxy", "forward"} {
		if !slices.ContainsFunc(running, func(r process.Record) bool { return r.Name == name }) {
			return fmt.Errorf("%s does not run; its log is %s", name, filepath.Join(c.LogDir(), name+".log"))
		}
	}
	config, err := c.RESTConfig()
	if err != nil {
		return err
	}
	config.Timeout = 5 * time.Second
	reader, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	return reader.Get(ctx, client.ObjectKey{Name: nodeName}, &corev1.Node{})
}
