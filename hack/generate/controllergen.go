// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// apiPackages are the folders of Go types.
var apiPackages = []string{
	"apis/v1alpha1",
	"apis/database/v1alpha1",
	"apis/lifecycle/v1alpha1",
	"apis/secret/v1alpha1",
	"apis/ttl/v1alpha1",
}

// crdFolders says which package of the release each CRD ships in: what the
// stack function reads with the function, managed resources with the provider.
// Crossplane makes the CRDs of composite and claim itself, from the XRD.
var crdFolders = map[string]string{
	"microstaging.dev_previewclasses.yaml":            "package/functions/stack",
	"microstaging.dev_previewblueprints.yaml":         "package/functions/stack",
	"database.microstaging.dev_databasebranches.yaml": "package/provider/crds",
	"secret.microstaging.dev_stacksecrets.yaml":       "package/provider/crds",
	"lifecycle.microstaging.dev_stackleases.yaml":     "package/provider/crds",
	"lifecycle.microstaging.dev_stackreceipts.yaml":   "package/provider/crds",
	"lifecycle.microstaging.dev_sleepswitches.yaml":   "package/provider/crds",
	"ttl.microstaging.dev_inputs.yaml":                "package/functions/ttl",
	compositeCRD:                                      "",
}

// compositeCRD is what controller-gen calls the composite's CRD.
const compositeCRD = "microstaging.dev_xpreviewstacks.yaml"

// scratch is the folder of the stage that does not belong into the repository.
const scratch = ".scratch"

// Headers put on top of generated files.
const (
	goHeader   = "hack/generate/header.go.txt"
	yamlHeader = "hack/generate/header.yaml.txt"
)

func deepcopies(ctx context.Context, r run) error {
	for _, pkg := range apiPackages {
		dir, err := r.folder(pkg)
		if err != nil {
			return err
		}
		if err := r.command(ctx, r.controllerGen, "object:headerFile="+goHeader, "paths=./"+pkg, "output:dir="+dir); err != nil {
			return err
		}
	}
	return nil
}

// crds makes all CRDs and sorts them into their packages. The composite's stays
// in the scratch folder, for the XRD to be made from.
func crds(ctx context.Context, r run) error {
	all, err := r.folder(scratch)
	if err != nil {
		return err
	}
	if err := r.command(ctx, r.controllerGen, "crd:headerFile="+yamlHeader, "paths=./apis/...", "output:dir="+all); err != nil {
		return err
	}
	entries, err := os.ReadDir(all)
	if err != nil {
		return fmt.Errorf("cannot read the generated CRDs: %w", err)
	}
	for _, entry := range entries {
		if err := sortCRD(r, all, entry.Name()); err != nil {
			return err
		}
	}
	return nil
}

func sortCRD(r run, from, name string) error {
	to, ok := crdFolders[name]
	if !ok {
		return fmt.Errorf("cannot tell which package the CRD %s ships in: add it to crdFolders in hack/generate", name)
	}
	if to == "" {
		return nil
	}
	dir, err := r.folder(to)
	if err != nil {
		return err
	}
	return os.Rename(filepath.Join(from, name), filepath.Join(dir, name))
}
