// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// kedaNamespace is where KEDA's own manifests and charts put it.
const kedaNamespace = "keda"

// applyKEDA installs KEDA and its HTTP add-on, with the CRDs of their releases.
func (c *Cluster) applyKEDA(ctx context.Context) error {
	keda, err := build.ModuleDir(ctx, "keda-operator", "github.com/kedacore/keda/v2")
	if err != nil {
		return err
	}
	addOn, err := build.ModuleDir(ctx, "keda-http-interceptor", "github.com/kedacore/http-add-on")
	if err != nil {
		return err
	}
	crds := filepath.Join("config", "crd", "bases")
	if err := c.control.ApplyFiles(ctx, filepath.Join(keda, crds), filepath.Join(addOn, crds)); err != nil {
		return err
	}
	if err := c.control.EnsureNamespace(ctx, kedaNamespace); err != nil {
		return err
	}
	if err := c.issueKEDACertificate(ctx); err != nil {
		return err
	}
	if err := c.applyManifest(ctx, "keda.yaml"); err != nil {
		return err
	}
	return c.applyManifest(ctx, "keda-http.yaml")
}

// issueKEDACertificate makes what the operator serves metrics with. It could
// make that itself, and would then exit once to read it, which takes longer than
// the rest of its start.
func (c *Cluster) issueKEDACertificate(ctx context.Context) error {
	ca, err := controlplane.NewCA("keda")
	if err != nil {
		return err
	}
	pair, err := ca.Issue(controlplane.Subject{Name: "keda-operator", Hosts: []string{"keda-operator.keda.svc.cluster.local"}})
	if err != nil {
		return err
	}
	secret := &corev1.Secret{Data: map[string][]byte{"ca.crt": ca.PEM, "tls.crt": pair.Certificate, "tls.key": pair.Key}}
	secret.Namespace, secret.Name = kedaNamespace, "kedaorg-certs"
	if err := c.control.Client.Create(ctx, secret); err != nil {
		return fmt.Errorf("cannot give KEDA a certificate: %w", err)
	}
	return nil
}

const (
	// sleepRoute is the route that users install for stacks that can sleep.
	sleepRoute = "package/addons/sleep/route.yaml"

	// exampleDomain is the domain in it, which they change to theirs.
	exampleDomain = "preview.example.com"
)

// applySleep installs the very route that users do, for the domain of this
// cluster.
func (c *Cluster) applySleep(ctx context.Context) error {
	root, err := build.Root()
	if err != nil {
		return err
	}
	route, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(sleepRoute)))
	if err != nil {
		return fmt.Errorf("cannot read the route to sleeping stacks: %w", err)
	}
	path := c.file("manifests", "sleep-route.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(route), exampleDomain, Domain)), 0o644); err != nil {
		return fmt.Errorf("cannot keep the route to sleeping stacks: %w", err)
	}
	return c.control.ApplyFiles(ctx, path)
}
