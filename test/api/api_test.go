// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package api_test holds every rule of the API against a real API server: what
// is right is accepted, and what is wrong in a way that a person would plausibly
// write is rejected with a message that names field, value and remedy.
//
// The CRDs of the composite and its claim are made from the XRD by the code that
// Crossplane itself uses. What only shows once class, blueprint and claim are
// merged is not the API server's to judge, and is tested in internal/stack.
package api_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

// The kinds under test, by the name of their CRD.
const (
	claims     = "previewstacks.microstaging.dev"
	composites = "xpreviewstacks.microstaging.dev"
	classes    = "previewclasses.microstaging.dev"
	blueprints = "previewblueprints.microstaging.dev"
	branches   = "databasebranches.database.microstaging.dev"
	secrets    = "stacksecrets.secret.microstaging.dev"
)

// Set by TestMain.
var (
	// api is the real API server.
	api client.Client

	// crds are the CRDs it serves, by name.
	crds map[string]*extv1.CustomResourceDefinition
)

func TestMain(m *testing.M) {
	code, err := serve(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// serve runs the tests against an API server of their own.
func serve(m *testing.M) (int, error) {
	var err error
	if crds, err = readCRDs(); err != nil {
		return 0, err
	}
	ctx := context.Background()
	cp, err := controlplane.Start(ctx, controlplane.Options{})
	if err != nil {
		return 0, err
	}
	defer cp.Stop(ctx)
	for _, crd := range crds {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(crd)
		if err != nil {
			return 0, err
		}
		delete(object, "status")
		if err := cp.Apply(ctx, &unstructured.Unstructured{Object: object}); err != nil {
			return 0, err
		}
	}
	api = cp.Client
	return m.Run(), nil
}

// readCRDs reads the CRDs of the packages, and makes those of the composite and
// its claim.
func readCRDs() (map[string]*extv1.CustomResourceDefinition, error) {
	root, err := build.Root()
	if err != nil {
		return nil, err
	}
	read, err := crdsOfXRD(filepath.Join(root, "apis", "definition.yaml"))
	if err != nil {
		return nil, err
	}
	for _, pattern := range []string{"package/functions/stack/*microstaging.dev_*.yaml", "package/provider/crds/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			crd := &extv1.CustomResourceDefinition{}
			if err := readYAML(path, crd); err != nil {
				return nil, err
			}
			read = append(read, crd)
		}
	}
	byName := map[string]*extv1.CustomResourceDefinition{}
	for _, crd := range read {
		crd.APIVersion, crd.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
		byName[crd.Name] = crd
	}
	return byName, nil
}

func crdsOfXRD(path string) ([]*extv1.CustomResourceDefinition, error) {
	xrd := &xpextv1.CompositeResourceDefinition{}
	if err := readYAML(path, xrd); err != nil {
		return nil, err
	}
	composite, err := xcrd.ForCompositeResource(xrd)
	if err != nil {
		return nil, err
	}
	claim, err := xcrd.ForCompositeResourceClaim(xrd)
	if err != nil {
		return nil, err
	}
	// The XRD that would own them is not on this server.
	composite.OwnerReferences, claim.OwnerReferences = nil, nil
	return []*extv1.CustomResourceDefinition{composite, claim}, nil
}

func readYAML(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		return fmt.Errorf("cannot read %s: %w", path, err)
	}
	return nil
}
