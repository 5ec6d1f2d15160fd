// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xpkg

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	syaml "sigs.k8s.io/yaml"
)

// A staged package is its objects as they will be in the package.
type staged struct {
	meta    *unstructured.Unstructured
	objects []*unstructured.Unstructured
}

// A release is what staging writes into packages.
type release struct {
	registry string
	version  string
}

// stage reads a package's files and points them to the release.
func stage(root string, p Package, r release) (*staged, error) {
	repository := os.DirFS(root)
	metas, err := readObjects(repository, p.Meta)
	if err != nil {
		return nil, err
	}
	if len(metas) != 1 || metas[0].GroupVersionKind().Group != "meta.pkg.crossplane.io" {
		return nil, fmt.Errorf("cannot use %s: want one object of group meta.pkg.crossplane.io", p.Meta)
	}
	s := &staged{meta: metas[0]}
	for _, pattern := range p.Objects {
		paths, err := fs.Glob(repository, pattern)
		if err != nil {
			return nil, fmt.Errorf("cannot look for %s: %w", pattern, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("cannot stage package %s: no file matches %s; make generate writes the generated ones", s.meta.GetName(), pattern)
		}
		for _, path := range paths {
			objects, err := readObjects(repository, path)
			if err != nil {
				return nil, err
			}
			s.objects = append(s.objects, objects...)
		}
	}
	if err := s.point(r); err != nil {
		return nil, fmt.Errorf("cannot stage package %s: %w", s.meta.GetName(), err)
	}
	return s, s.check()
}

// allowed are the kinds a package may hold. The package manager refuses others,
// but only when somebody installs the package.
var allowed = map[string][]string{
	"Configuration": {"CompositeResourceDefinition", "Composition"},
	"Function":      {"CustomResourceDefinition"},
	"Provider":      {"CustomResourceDefinition"},
}

func (s *staged) check() error {
	for _, o := range s.objects {
		if !slices.Contains(allowed[s.meta.GetKind()], o.GetKind()) {
			return fmt.Errorf("cannot stage package %s: a %s must not hold %s %s", s.meta.GetName(), s.meta.GetKind(), o.GetKind(), o.GetName())
		}
	}
	return nil
}

func readObjects(from fs.FS, path string) ([]*unstructured.Unstructured, error) {
	text, err := fs.ReadFile(from, path)
	if err != nil {
		return nil, fmt.Errorf("cannot read package file: %w", err)
	}
	var out []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		o := &unstructured.Unstructured{}
		err := decoder.Decode(&o.Object)
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("cannot read %s: %w", path, err)
		case len(o.Object) > 0:
			out = append(out, o)
		}
	}
}

// point replaces the default registry in dependencies and function references,
// and pins dependencies on packages of this project to the release's version:
// they are built, tested and pushed together.
func (s *staged) point(r release) error {
	installed, err := s.pointDependencies(r)
	if err != nil {
		return err
	}
	for _, o := range s.objects {
		if o.GetKind() != "Composition" {
			continue
		}
		if err := pointFunctions(o, installed); err != nil {
			return fmt.Errorf("composition %s: %w", o.GetName(), err)
		}
	}
	return nil
}

// pointDependencies returns under what names the dependencies are installed, by
// the names they would have from the registries the files name.
func (s *staged) pointDependencies(r release) (map[string]string, error) {
	dependencies, _, err := unstructured.NestedSlice(s.meta.Object, "spec", "dependsOn")
	if err != nil {
		return nil, fmt.Errorf("cannot read its dependencies: %w", err)
	}
	installed := map[string]string{}
	for _, d := range dependencies {
		dependency, ok := d.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("dependency %v is not an object", d)
		}
		source, _ := dependency["package"].(string)
		before, err := InstalledName(source)
		if err != nil {
			return nil, err
		}
		if own, ok := strings.CutPrefix(source, DefaultRegistry+"/"); ok {
			source = r.registry + "/" + own
			dependency["package"], dependency["version"] = source, r.version
		}
		if installed[before], err = InstalledName(source); err != nil {
			return nil, err
		}
	}
	if len(dependencies) == 0 {
		return installed, nil
	}
	return installed, unstructured.SetNestedSlice(s.meta.Object, dependencies, "spec", "dependsOn")
}

// pointFunctions renames a composition's functions as they are installed. A
// function that is no dependency would leave every composite waiting for it.
func pointFunctions(composition *unstructured.Unstructured, installed map[string]string) error {
	pipeline, _, err := unstructured.NestedSlice(composition.Object, "spec", "pipeline")
	if err != nil {
		return fmt.Errorf("cannot read its pipeline: %w", err)
	}
	for _, s := range pipeline {
		step, ok := s.(map[string]any)
		if !ok {
			return fmt.Errorf("step %v is not an object", s)
		}
		function, _, err := unstructured.NestedString(step, "functionRef", "name")
		if err != nil {
			return fmt.Errorf("step %v: cannot read its function: %w", step["step"], err)
		}
		name, ok := installed[function]
		if !ok {
			return fmt.Errorf("step %v: function %q is not installed by any dependency of the package; its dependencies are installed as %v", step["step"], function, names(installed))
		}
		if err := unstructured.SetNestedField(step, name, "functionRef", "name"); err != nil {
			return fmt.Errorf("step %v: cannot rename its function: %w", step["step"], err)
		}
	}
	return unstructured.SetNestedSlice(composition.Object, pipeline, "spec", "pipeline")
}

func names(installed map[string]string) []string {
	out := []string{}
	for before := range installed {
		out = append(out, before)
	}
	slices.Sort(out)
	return out
}

// stream is the content of package.yaml: the metadata first, then the objects.
func (s *staged) stream() ([]byte, error) {
	var out bytes.Buffer
	for _, o := range append([]*unstructured.Unstructured{s.meta}, s.objects...) {
		text, err := syaml.Marshal(o.Object)
		if err != nil {
			return nil, fmt.Errorf("cannot write %s %s: %w", o.GetKind(), o.GetName(), err)
		}
		out.WriteString("---\n")
		out.Write(text)
	}
	return out.Bytes(), nil
}
