// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package install puts this project on a cluster that runs Crossplane, the way
// that users do: packages are pushed to a registry and installed by Crossplane's
// package manager, and what packages cannot carry is applied beside them. Crossplane keeps its own
// roles plus those of the RBAC add-on; nothing becomes cluster administrator.
//
// It installs no Crossplane, and nothing that stacks need besides: a gateway and
// storage are the cluster's.
package install

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
	"github.com/microstaging/preview-stacks/hack/xpkg"
)

const (
	// fieldOwner is who owns the fields that are applied here.
	fieldOwner = "preview-stacks-install"

	interval = 100 * time.Millisecond
	timeout  = 3 * time.Minute
)

// runtimeConfigs are those of package/addons/runtime, by the kind of package.
var runtimeConfigs = map[string]string{
	"Function": "preview-stacks-functions",
	"Provider": "preview-stacks-provider",
}

// Run builds this project's packages from the checkout, pushes them to a
// registry that the cluster can pull from, installs them and waits until claims
// can be made. What is installed already is brought up to date.
func Run(ctx context.Context, c client.Client, registry string) error {
	archs, err := architectures(ctx, c)
	if err != nil {
		return err
	}
	// A version of its own for every run: Crossplane does not look again at one
	// that it has.
	version := "v0.0.0-dev." + time.Now().UTC().Format("20060102150405")
	packages, err := xpkg.Publish(ctx, xpkg.Options{Registry: registry, Version: version, Archs: archs})
	if err != nil {
		return err
	}
	return build.Step(ctx, "installing the packages", func(ctx context.Context) error {
		if err := refuseSecond(ctx, c, packages); err != nil {
			return err
		}
		if err := applyBesides(ctx, c); err != nil {
			return err
		}
		for _, p := range packages {
			if err := installPackage(ctx, c, p); err != nil {
				return err
			}
		}
		return awaitClaims(ctx, c)
	})
}

// refuseSecond refuses to install what is installed from another registry: the
// two would fight over the same definitions, and the second would never become
// healthy.
func refuseSecond(ctx context.Context, c client.Client, packages []xpkg.Built) error {
	for _, p := range packages {
		installed := &unstructured.UnstructuredList{}
		installed.SetGroupVersionKind(schema.GroupVersionKind{Group: "pkg.crossplane.io", Version: "v1", Kind: p.Kind + "List"})
		if err := c.List(ctx, installed); err != nil {
			return fmt.Errorf("cannot look for installed packages: %w", err)
		}
		for _, o := range installed.Items {
			reference, _, _ := unstructured.NestedString(o.Object, "spec", "package")
			if o.GetName() != p.InstalledAs && strings.Contains(reference, "/"+p.Name+":") {
				return fmt.Errorf("cannot install %s: %s %s is installed from %s; use that registry, or remove it with kubectl delete %s.pkg.crossplane.io %s",
					p.Reference, p.Kind, o.GetName(), reference, strings.ToLower(p.Kind), o.GetName())
			}
		}
	}
	return nil
}

// architectures are those of the cluster's nodes: what nobody runs need not be
// compiled.
func architectures(ctx context.Context, c client.Client) ([]string, error) {
	nodes := &corev1.NodeList{}
	if err := c.List(ctx, nodes); err != nil {
		return nil, fmt.Errorf("cannot list the cluster's nodes: %w", err)
	}
	var archs []string
	for _, node := range nodes.Items {
		archs = append(archs, node.Status.NodeInfo.Architecture)
	}
	slices.Sort(archs)
	return slices.Compact(archs), nil
}

// besides is what packages cannot carry, below package: roles, how functions
// run, and the kinds that the stack function reads. Crossplane lets a function's
// package hold definitions of kinds, and installs none of them (its
// internal/controller/pkg/revision, seen in 2.4).
var besides = []string{"addons/rbac/*.yaml", "addons/runtime/*.yaml", "functions/stack/*microstaging.dev_*.yaml"}

// applyBesides applies what packages cannot carry.
func applyBesides(ctx context.Context, c client.Client) error {
	root, err := build.Root()
	if err != nil {
		return err
	}
	for _, pattern := range besides {
		files, err := filepath.Glob(filepath.Join(root, "package", pattern))
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := applyFile(ctx, c, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyFile applies the objects of a file, and waits until the kinds that it
// defines are served.
func applyFile(ctx context.Context, c client.Client, file string) error {
	objects, err := controlplane.ReadManifests(file)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := apply(ctx, c, object); err != nil {
			return err
		}
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if err := await(ctx, c, object, func(o *unstructured.Unstructured) bool { return isTrue(o, "Established") }); err != nil {
			return err
		}
	}
	return nil
}

// installPackage has a package installed and waits until it is healthy. A
// function or provider comes before the configuration that depends on it: the
// package manager would install it too, but without our runtime configuration,
// and so without the account that the provider's rights are bound to.
func installPackage(ctx context.Context, c client.Client, p xpkg.Built) error {
	spec := map[string]any{"package": p.Reference}
	if config := runtimeConfigs[p.Kind]; config != "" {
		spec["runtimeConfigRef"] = map[string]any{"name": config}
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "pkg.crossplane.io/v1", "kind": p.Kind,
		"metadata": map[string]any{"name": p.InstalledAs},
		"spec":     spec,
	}}
	if err := apply(ctx, c, object); err != nil {
		return err
	}
	return await(ctx, c, object, func(o *unstructured.Unstructured) bool {
		// Conditions are those of the version before until this one is unpacked.
		current, _, _ := unstructured.NestedString(o.Object, "status", "currentIdentifier")
		return current == p.Reference && isTrue(o, "Installed") && isTrue(o, "Healthy")
	})
}

// awaitClaims waits until the API server serves claims and Crossplane watches
// for them.
func awaitClaims(ctx context.Context, c client.Client) error {
	xrd := &unstructured.Unstructured{}
	xrd.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.crossplane.io", Version: "v1", Kind: "CompositeResourceDefinition"})
	xrd.SetName("xpreviewstacks.microstaging.dev")
	return await(ctx, c, xrd, func(o *unstructured.Unstructured) bool {
		return isTrue(o, "Established") && isTrue(o, "Offered")
	})
}

func apply(ctx context.Context, c client.Client, object *unstructured.Unstructured) error {
	if err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(fieldOwner), client.ForceOwnership); err != nil {
		return fmt.Errorf("cannot apply %s %s: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// await waits until an object is as wanted. An error carries what its conditions
// say.
func await(ctx context.Context, c client.Client, object *unstructured.Unstructured, wanted func(*unstructured.Unstructured) bool) error {
	latest := &unstructured.Unstructured{}
	latest.SetGroupVersionKind(object.GroupVersionKind())
	err := wait.PollUntilContextTimeout(ctx, interval, timeout, true, func(ctx context.Context) (bool, error) {
		if err := c.Get(ctx, client.ObjectKeyFromObject(object), latest); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		return wanted(latest), nil
	})
	if err != nil {
		return fmt.Errorf("%s %s does not become ready: %w%s", object.GetKind(), object.GetName(), err, conditions(latest))
	}
	return nil
}

func isTrue(object *unstructured.Unstructured, condition string) bool {
	all, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return slices.ContainsFunc(all, func(c any) bool {
		one, _ := c.(map[string]any)
		return one["type"] == condition && one["status"] == "True"
	})
}

func conditions(object *unstructured.Unstructured) string {
	all, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	says := ""
	for _, c := range all {
		one, _ := c.(map[string]any)
		says += fmt.Sprintf("\n%v is %v: %v %v", one["type"], one["status"], one["reason"], one["message"])
	}
	return says
}
