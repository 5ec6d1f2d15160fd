// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A kind is optional: the cluster lacks it until a scenario needs it.
type kind struct {
	// crds are the files with its definition.
	crds func(context.Context) ([]string, error)

	// fake plays its controller; nil for none.
	fake func(*cluster) error

	once sync.Once
	err  error
}

// Optional kinds.
var (
	gatewayAPI = &kind{crds: gatewayCRDs, fake: (*cluster).startFakeGateway}
)

// need installs optional kinds, unless they are.
func need(t *testing.T, kinds ...*kind) {
	t.Helper()
	for _, k := range kinds {
		k.once.Do(func() { k.err = k.install(t.Context()) })
		if k.err != nil {
			t.Fatal(k.err)
		}
	}
}

func (k *kind) install(ctx context.Context) error {
	files, err := k.crds(ctx)
	if err != nil {
		return err
	}
	if err := shared.cp.ApplyFiles(ctx, files...); err != nil {
		return err
	}
	if k.fake == nil {
		return nil
	}
	return k.fake(shared)
}

// gatewayCRDs are those of the Gateway API at the version we compile against.
func gatewayCRDs(ctx context.Context) ([]string, error) {
	dir, err := moduleDir(ctx, "sigs.k8s.io/gateway-api")
	if err != nil {
		return nil, err
	}
	return []string{filepath.Join(dir, "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml")}, nil
}

// moduleDir is the folder of a module that this repository depends on.
func moduleDir(ctx context.Context, path string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		return "", fmt.Errorf("cannot find module %s: %w", path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// definition reads a CustomResourceDefinition.
func (c *cluster) definition(ctx context.Context, name string) (*apiextensionsv1.CustomResourceDefinition, error) {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	return crd, c.cp.Client.Get(ctx, client.ObjectKey{Name: name}, crd)
}

func established(crd *apiextensionsv1.CustomResourceDefinition) bool {
	return slices.ContainsFunc(crd.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
}
