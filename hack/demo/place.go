// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/build"
)

// exampleRegistry is the one that examples name for what their own makers push.
const exampleRegistry = "registry.example.com"

// A Place is a cluster that runs Crossplane, with a gateway and storage.
type Place struct {
	// Client is the administrator's.
	Client client.WithWatch

	// Config is how to reach the API server.
	Config *rest.Config

	// Registry is where packages and images are pushed, and pulled from.
	Registry string

	// Gateway serves the URLs of stacks.
	Gateway Gateway

	// OwnNames says that images have to be called by the registry's name. In the
	// local cluster they need not: its node pulls all images from one registry.
	OwnNames bool

	// kubeconfig is the file for kubectl; empty is kubectl's own choice.
	kubeconfig string

	// leave removes the cluster, if it is ours to remove, with or without logs.
	leave func(ctx context.Context, keepLogs bool) error
}

// A Gateway is where the URLs of stacks are served.
type Gateway struct {
	// Namespace and Name of the Gateway object.
	Namespace, Name string

	// Domain of all URLs.
	Domain string

	// Address is where to connect to for any host below the domain: host:port.
	Address string

	// Port is the one URLs name; 80 is left out of them.
	Port int32
}

// newClient makes a client that knows the kinds that the demo reads typed. The
// config is freed of client-go's limits: they are for controllers that share a
// server, and looking for leftovers asks for every kind at once.
func newClient(config *rest.Config) (client.WithWatch, error) {
	config.QPS, config.Burst = 200, 400
	// Some of those kinds are deprecated, which is nobody's news here.
	config.WarningHandler = rest.NoWarnings{}
	known, err := newScheme()
	if err != nil {
		return nil, err
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: known})
	if err != nil {
		return nil, fmt.Errorf("cannot make a client: %w", err)
	}
	return c, nil
}

// newScheme has the kinds that are read typed.
func newScheme() (*runtime.Scheme, error) {
	known := runtime.NewScheme()
	if err := errors.Join(
		scheme.AddToScheme(known), apiextensionsv1.AddToScheme(known), gatewayv1.Install(known),
		v1alpha1.AddToScheme(known), lifecyclev1alpha1.AddToScheme(known),
	); err != nil {
		return nil, fmt.Errorf("cannot make a client: %w", err)
	}
	return known, nil
}

// Leave removes what the place was made of, if this program made it. The logs of
// what failed are worth keeping.
func (p *Place) Leave(ctx context.Context, keepLogs bool) error {
	if p.leave == nil {
		return nil
	}
	return p.leave(ctx, keepLogs)
}

// Kubectl runs kubectl on the place's cluster with some input, and returns what
// it printed.
func (p *Place) Kubectl(ctx context.Context, input []byte, args ...string) (string, error) {
	path, err := exec.LookPath("kubectl")
	if err != nil {
		if path, err = build.Tool(ctx, "kubectl"); err != nil {
			return "", err
		}
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Env = os.Environ()
	if p.kubeconfig != "" {
		cmd.Env = append(cmd.Env, "KUBECONFIG="+p.kubeconfig)
	}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

// EnsureNamespace makes a namespace for claims unless there is one.
func (p *Place) EnsureNamespace(ctx context.Context, name string) error {
	namespace := &corev1.Namespace{}
	namespace.Name = name
	if err := client.IgnoreAlreadyExists(p.Client.Create(ctx, namespace)); err != nil {
		return fmt.Errorf("cannot make namespace %s: %w", name, err)
	}
	return nil
}
