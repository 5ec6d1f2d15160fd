// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"path/filepath"
)

// reference writes the API reference from the same comments and markers that
// the CRDs are made from. Its templates are in hack/generate/reference.
func reference(ctx context.Context, r run) error {
	dir, err := r.folder("docs/reference")
	if err != nil {
		return err
	}
	return r.command(ctx, r.refDocs,
		"--source-path=./apis",
		"--config=hack/generate/reference/config.yaml",
		"--templates-dir=hack/generate/reference",
		"--renderer=markdown",
		"--output-path="+filepath.Join(dir, "api.md"),
		"--log-level=ERROR",
	)
}
