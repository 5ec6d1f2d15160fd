// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package controlplane_test runs claims through the real Crossplane, API server,
// controllers and scheduler, with the stack function as a process of its own,
// and looks at what comes of them. It needs no root and no containers: KWOK
// plays the nodes, so pods become Ready and do nothing.
//
// What no part of a control plane does is played by fakes, which are named so
// and kept in one file: a gateway, a volume provisioner, the providers of
// databases and secrets. The same stories with real pods behind a real gateway
// are the end-to-end suite's.
//
// Each test is a scenario with a namespace of its own for its claims. Scenarios
// that need the cluster to lack something, or that upset it, run one by one
// before the others, which run at once.
package controlplane_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	databasev1alpha1 "github.com/microstaging/preview-stacks/apis/database/v1alpha1"
	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	secretv1alpha1 "github.com/microstaging/preview-stacks/apis/secret/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
	"github.com/microstaging/preview-stacks/hack/process"
)

const (
	// atOnce is how many scenarios run at once. They wait more than they work.
	atOnce = 6
)

// A cluster is what all scenarios share.
type cluster struct {
	client.WithWatch

	root       string
	cp         *controlplane.ControlPlane
	crossplane *controlplane.Crossplane
	functions  map[string]*process.Process
	fakes      ctrl.Manager
	provider   provider
}

// shared is set by TestMain.
var shared *cluster

func TestMain(m *testing.M) {
	flag.Parse()
	log.SetLogger(logr.Discard())  // The fakes' own library would complain,
	klog.SetLogger(logr.Discard()) // and clients of an API server that crashes.
	if !isSet("test.parallel") {
		flag.Set("test.parallel", fmt.Sprint(atOnce))
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func isSet(name string) bool {
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == name })
	return set
}

// run runs the scenarios on a control plane of their own.
func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cp, err := controlplane.Start(ctx, controlplane.Options{Nodes: 3})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, cp.Stop(context.WithoutCancel(ctx))) }()
	if shared, err = prepare(ctx, cp); err != nil {
		return 0, err
	}
	go func() { _ = shared.fakes.Start(ctx) }()
	return m.Run(), nil
}

// prepare installs what users install: Crossplane, the rights it needs, the
// function with its kinds, the API.
func prepare(ctx context.Context, cp *controlplane.ControlPlane) (*cluster, error) {
	root, err := build.Root()
	if err != nil {
		return nil, err
	}
	c := &cluster{root: root, cp: cp}
	steps := []func(context.Context) error{c.connect, c.startCrossplane, c.startFunctions, c.startProvider, c.applyAPI, c.installStorage}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// connect makes the administrator's client, which knows the kinds that tests
// handle as Go types, and the manager of the fakes.
func (c *cluster) connect(context.Context) error {
	known := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(known), v1alpha1.AddToScheme(known), databasev1alpha1.AddToScheme(known), lifecyclev1alpha1.AddToScheme(known), secretv1alpha1.AddToScheme(known), gatewayv1.Install(known)); err != nil {
		return err
	}
	var err error
	if c.WithWatch, err = client.NewWithWatch(c.cp.RESTConfig(), client.Options{Scheme: known}); err != nil {
		return err
	}
	options := ctrl.Options{Scheme: known}
	options.Metrics.BindAddress = "0"
	c.fakes, err = ctrl.NewManager(c.cp.RESTConfig(), options)
	return err
}

// startCrossplane starts it as its chart would, at default flags, with the
// rights of our add-on and no others.
func (c *cluster) startCrossplane(ctx context.Context) error {
	var err error
	if c.crossplane, err = c.cp.StartCrossplane(ctx); err != nil {
		return err
	}
	return c.cp.ApplyFiles(ctx, c.path("package/addons/rbac"))
}

// startFunctions serves our functions.
func (c *cluster) startFunctions(ctx context.Context) error {
	kinds, err := filepath.Glob(c.path("package/functions/stack/microstaging.dev_*.yaml"))
	if err != nil {
		return err
	}
	if err := c.cp.ApplyFiles(ctx, kinds...); err != nil {
		return err
	}
	c.functions = map[string]*process.Process{}
	for _, name := range []string{"stack", "ttl"} {
		if err := c.startFunction(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// startFunction serves one function over mTLS, as its pod would.
func (c *cluster) startFunction(ctx context.Context, name string) error {
	program, err := build.Command(ctx, "./functions/"+name)
	if err != nil {
		return err
	}
	addresses, err := freeAddresses(ctx, 2)
	if err != nil {
		return err
	}
	serving, metrics := addresses[0], addresses[1]
	packageRef := "registry.example.com/microstaging/function-" + name + ":v0.0.0"
	certs, err := c.crossplane.InstallFunction(ctx, "microstaging-function-"+name, packageRef, serving)
	if err != nil {
		return err
	}
	c.functions[name], err = c.cp.Group.Start(ctx, process.Spec{
		Name: "function-" + name, Path: program,
		Env:   []string{"TLS_SERVER_CERTS_DIR=" + certs},
		Args:  []string{"--debug", "--address=" + serving, "--metrics-address=" + metrics},
		Ready: func(ctx context.Context) error { return answers(ctx, "http://"+metrics+"/readyz") },
	})
	return err
}

// applyAPI applies what our Configuration holds, and the class that claims get
// when they name none.
func (c *cluster) applyAPI(ctx context.Context) error {
	if err := c.cp.ApplyFiles(ctx, c.path("apis/definition.yaml"), c.path("apis/composition.yaml"), c.path("examples/minimal/class.yaml")); err != nil {
		return err
	}
	return poll(ctx, func(ctx context.Context) error { return c.offersClaims(ctx) })
}

func (c *cluster) offersClaims(ctx context.Context) error {
	crd, err := c.definition(ctx, "previewstacks.microstaging.dev")
	if err != nil {
		return err
	}
	if !established(crd) {
		return errors.New("claims are not served yet")
	}
	return nil
}

// path is where a file of this repository is.
func (c *cluster) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

// freeAddresses asks the kernel for loopback addresses that nobody listens at.
func freeAddresses(ctx context.Context, n int) (addresses []string, err error) {
	for range n {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("cannot find a free port: %w", err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}

// answers checks that a GET of the URL is answered with 200.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
