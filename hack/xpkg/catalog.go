// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

// DefaultRegistry is where the files in this repository say the packages are.
const DefaultRegistry = "xpkg.preview-stacks.dev/microstaging"

// A Package says what of this repository makes a package. Paths are relative to
// the repository's root. The package's name and kind are in its metadata.
type Package struct {
	// Meta is the package's metadata: a crossplane.yaml.
	Meta string

	// Objects are patterns of the files with the package's objects.
	Objects []string

	// Program is the main package that a function's or provider's pods run.
	// Empty for configurations.
	Program string
}

// Catalog lists the packages of this project. A package comes after those it
// depends on.
func Catalog() []Package {
	return []Package{
		{
			Meta:    "package/functions/stack/crossplane.yaml",
			Objects: []string{"package/functions/stack/*microstaging.dev_*.yaml"},
			Program: "./functions/stack",
		},
		{
			Meta:    "package/functions/ttl/crossplane.yaml",
			Objects: []string{"package/functions/ttl/ttl.microstaging.dev_*.yaml"},
			Program: "./functions/ttl",
		},
		{
			Meta:    "package/provider/crossplane.yaml",
			Objects: []string{"package/provider/crds/*.yaml"},
			Program: "./provider",
		},
		{
			Meta:    "crossplane.yaml",
			Objects: []string{"apis/definition.yaml", "apis/composition.yaml"},
		},
	}
}
