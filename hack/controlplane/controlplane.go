// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package controlplane runs a Kubernetes control plane as processes of this
// machine: etcd, the API server, the controller manager and the scheduler, and
// on demand KWOK nodes, Crossplane, and provider-kubernetes. It needs no root
// and no images.
//
// It runs no containers: with KWOK nodes, pods become Ready and do nothing. The
// package hack/localcluster adds real nodes to such a control plane.
package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

// stateDir is the folder below the run folder that holds everything but logs.
const stateDir = "state"

// A ControlPlane is a running control plane.
type ControlPlane struct {
	// Group holds its processes. What is started in it later is stopped earlier.
	Group *process.Group

	// CA signs for everything that talks to the API server.
	CA *CA

	// Client is the administrator's client. It knows the kinds of Kubernetes,
	// CustomResourceDefinitions and Crossplane's packages; objects of other kinds
	// have to be unstructured.
	Client client.WithWatch

	options Options
	config  *rest.Config
	prober  *http.Client
}

// Start builds what is missing, starts a control plane and waits until it is
// ready. A control plane that does not get ready is stopped again; its logs stay.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	names := []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"}
	if options.Nodes > 0 {
		names = append(names, "kwok")
	}
	programs, err := build.Tools(ctx, names...)
	if err != nil {
		return nil, err
	}
	options, err = options.withDefaults(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot start a control plane: %w", err)
	}
	group, err := openGroup(ctx, options)
	if err != nil {
		return nil, err
	}
	options.Dir = group.Dir()
	cp := &ControlPlane{Group: group, options: options, prober: newProber(options.NetNS)}
	if err := cp.start(ctx, programs); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start a control plane: %w", err), cp.Stop(context.WithoutCancel(ctx)))
	}
	return cp, nil
}

// openGroup takes the run folder that is asked for, or the first free one.
func openGroup(ctx context.Context, options Options) (*process.Group, error) {
	if options.Dir != "" {
		return process.New(ctx, options.Dir, options.Mode)
	}
	for n := range maxRuns {
		dir, err := DefaultDir(n)
		if err != nil {
			return nil, err
		}
		group, err := process.New(ctx, dir, options.Mode)
		if !errors.Is(err, process.ErrInUse) {
			return group, err
		}
	}
	return nil, fmt.Errorf("cannot start a control plane: %d are running already; stop one", maxRuns)
}

// start goes through the steps, each of which needs the ones before it.
func (cp *ControlPlane) start(ctx context.Context, programs map[string]string) error {
	if err := cp.prepare(); err != nil {
		return err
	}
	for _, spec := range []process.Spec{
		cp.etcd(programs["etcd"]),
		cp.apiServer(programs["kube-apiserver"]),
		cp.controllerManager(programs["kube-controller-manager"]),
		cp.scheduler(programs["kube-scheduler"]),
	} {
		if _, err := cp.Group.Start(ctx, spec); err != nil {
			return err
		}
	}
	if cp.options.Nodes == 0 {
		return nil
	}
	return cp.startNodes(ctx, programs["kwok"])
}

// prepare makes the files and clients that the processes and their readiness
// checks need, in a folder free of what a killed run left.
func (cp *ControlPlane) prepare() error {
	if err := os.RemoveAll(cp.state()); err != nil {
		return err
	}
	if err := errors.Join(cp.writePKI(), cp.writeKubeconfigs()); err != nil {
		return err
	}
	config, err := RESTConfig(cp.options.Dir, cp.options.NetNS)
	if err != nil {
		return err
	}
	cp.config = config
	cp.Client, err = newClient(config)
	return err
}

// Stop ends all processes of the group, the last one first, and removes
// everything but their logs. Stopping twice is no error.
func (cp *ControlPlane) Stop(ctx context.Context) error {
	if err := cp.Group.Stop(ctx); err != nil {
		return fmt.Errorf("cannot stop the control plane: %w", err)
	}
	return os.RemoveAll(cp.state())
}

// Remove is Stop for a program that did not start the control plane in a run
// folder: a detached one, or one whose program was killed.
func Remove(ctx context.Context, dir string) error {
	if err := process.End(ctx, dir); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, stateDir))
}

// Dir is the run folder.
func (cp *ControlPlane) Dir() string { return cp.options.Dir }

// state is a path below the folder that Stop removes.
func (cp *ControlPlane) state(elements ...string) string {
	return filepath.Join(append([]string{cp.options.Dir, stateDir}, elements...)...)
}

// pki is a path below the folder of keys and certificates.
func (cp *ControlPlane) pki(elements ...string) string {
	return cp.state(append([]string{"pki"}, elements...)...)
}

func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }
