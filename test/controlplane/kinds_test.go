// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
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
	gatewayAPI      = &kind{crds: gatewayCRDs, fake: (*cluster).startFakeGateway}
	branches        = &kind{crds: ours("database.microstaging.dev_databasebranches.yaml"), fake: (*cluster).startFakeDatabases}
	stackSecrets    = &kind{crds: ours("secret.microstaging.dev_stacksecrets.yaml"), fake: (*cluster).startFakeSecrets}
	snapshots       = &kind{crds: snapshotCRDs, fake: (*cluster).startFakeSnapshotter}
	externalSecrets = &kind{crds: externalSecretCRDs, fake: (*cluster).startFakeExternalSecrets}
	ciliumPolicies  = &kind{crds: ciliumCRDs}
	sleepers        = &kind{crds: sleeperCRDs, fake: (*cluster).startFakeHTTPAddOn}
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

// ours are kinds of our own provider's package.
func ours(file string) func(context.Context) ([]string, error) {
	return func(context.Context) ([]string, error) {
		return []string{shared.path("package/provider/crds/" + file)}, nil
	}
}

// snapshotCRDs are those of the CSI snapshotter, which Kubernetes brings along.
func snapshotCRDs(ctx context.Context) ([]string, error) {
	dir, err := build.ModuleDir(ctx, "kube-apiserver", "k8s.io/kubernetes")
	if err != nil {
		return nil, err
	}
	return filepath.Glob(filepath.Join(dir, "cluster", "addons", "volumesnapshots", "crd", "*.yaml"))
}

func externalSecretCRDs(ctx context.Context) ([]string, error) {
	dir, err := download(ctx, "github.com/external-secrets/external-secrets@v0.20.4", "h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg=")
	return []string{filepath.Join(dir, "config", "crds", "bases", "external-secrets.io_externalsecrets.yaml")}, err
}

func ciliumCRDs(ctx context.Context) ([]string, error) {
	dir, err := download(ctx, "github.com/cilium/cilium@v1.18.4", "h1:/HrbeMmk46UDkJs4uJemIqxB7wuZ+QRMNVscNYua5C8=")
	return []string{filepath.Join(dir, "pkg", "k8s", "apis", "cilium.io", "client", "crds", "v2", "ciliumnetworkpolicies.yaml")}, err
}

// sleeperCRDs are those of KEDA and of its HTTP add-on, and our own switch.
func sleeperCRDs(ctx context.Context) ([]string, error) {
	keda, err := download(ctx, "github.com/kedacore/keda/v2@v2.21.0", "h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=")
	if err != nil {
		return nil, err
	}
	addOn, err := download(ctx, "github.com/kedacore/http-add-on@v0.15.0", "h1:6xqqvzFB/Yw9zBSsPD/T6DBTaOj6N4/NqbAs26E5XGA=")
	return []string{
		filepath.Join(keda, "config", "crd", "bases", "keda.sh_scaledobjects.yaml"),
		filepath.Join(addOn, "config", "crd", "bases", "http.keda.sh_interceptorroutes.yaml"),
		shared.path("package/provider/crds/lifecycle.microstaging.dev_sleepswitches.yaml"),
	}, err
}

// moduleDir is the folder of a module that this repository depends on.
func moduleDir(ctx context.Context, path string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		return "", fmt.Errorf("cannot find module %s: %w", path, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// download fetches a module for the CRDs it carries. Nothing of it is compiled,
// so it is pinned here, and not among the dependencies of some module.
func download(ctx context.Context, module, sum string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	command.Dir = os.TempDir() // Outside of our own module, whose go.sum it would write.
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("cannot download %s: %w: %s", module, err, out)
	}
	var got struct{ Dir, Sum string }
	if err := json.Unmarshal(out, &got); err != nil {
		return "", err
	}
	if got.Sum != sum {
		return "", fmt.Errorf("%s has the checksum %s, want %s", module, got.Sum, sum)
	}
	return got.Dir, nil
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
