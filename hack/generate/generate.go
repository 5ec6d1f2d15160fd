// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package generate makes everything that follows from the Go types of the API:
// deepcopy functions, CustomResourceDefinitions, the definition of the
// composite (XRD) and the API reference.
//
// All of it is first made in a stage, a folder that mirrors the repository.
// Update then carries the stage into the repository; Check only compares, so
// that it can run beside somebody who edits. The package runs controller-gen
// and crd-ref-docs, pinned below hack/tools/generate; the conversion from a CRD
// to an XRD is its own.
package generate

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/microstaging/preview-stacks/hack/build"
)

// A run is one generation: from the sources below root into stage.
type run struct {
	root  string
	stage string

	// controllerGen and refDocs are the paths of the generators.
	controllerGen string
	refDocs       string
}

// steps are done in this order: the XRD is made from a CRD.
var steps = []func(context.Context, run) error{deepcopies, crds, xrd, reference}

// Update generates everything into the repository at root, and removes what
// nothing generates any more.
func Update(ctx context.Context, root string) error {
	return staged(ctx, root, update)
}

// Check returns an error that names every generated file of the repository at
// root that is not what Update would write. It changes nothing.
func Check(ctx context.Context, root string) error {
	return staged(ctx, root, check)
}

// staged generates everything into a stage, and gives both folders to then.
func staged(ctx context.Context, root string, then func(root, stage string) error) error {
	tools, err := build.Tools(ctx, "controller-gen", "crd-ref-docs")
	if err != nil {
		return err
	}
	stage, err := os.MkdirTemp("", "generate-")
	if err != nil {
		return fmt.Errorf("cannot generate: %w", err)
	}
	defer os.RemoveAll(stage)

	r := run{root: root, stage: stage, controllerGen: tools["controller-gen"], refDocs: tools["crd-ref-docs"]}
	for _, step := range steps {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	return then(root, stage)
}

// command runs a generator in the repository.
func (r run) command(ctx context.Context, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = r.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot run %s: %w\n%s", filepath.Base(path), err, out)
	}
	return nil
}

// folder is a folder of the stage, made if it is missing.
func (r run) folder(name string) (string, error) {
	dir := filepath.Join(r.stage, filepath.FromSlash(name))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("cannot generate: %w", err)
	}
	return dir, nil
}
