// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
)

const (
	// fieldOwner is who owns the fields that this package applies.
	fieldOwner = "preview-stacks-controlplane"

	// settleInterval and settleTimeout say how often and how long to look for
	// something that the control plane does by itself within moments.
	settleInterval = 100 * time.Millisecond
	settleTimeout  = time.Minute
)

// newClient makes the administrator's client. It asks the API server nothing
// before it is used.
func newClient(config *rest.Config) (client.WithWatch, error) {
	known := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(known), apiextensionsv1.AddToScheme(known), pkgv1.AddToScheme(known)); err != nil {
		return nil, fmt.Errorf("cannot make a client: %w", err)
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: known})
	if err != nil {
		return nil, fmt.Errorf("cannot make a client: %w", err)
	}
	return c, nil
}

// ApplyFiles applies the objects of YAML files, and of the .yaml files directly
// in folders, and waits until the CustomResourceDefinitions among them are
// served.
func (cp *ControlPlane) ApplyFiles(ctx context.Context, paths ...string) error {
	var objects []*unstructured.Unstructured
	for _, path := range paths {
		read, err := ReadManifests(path)
		if err != nil {
			return err
		}
		objects = append(objects, read...)
	}
	return cp.Apply(ctx, objects...)
}

// Apply applies objects in their order, and waits until the
// CustomResourceDefinitions among them are served.
func (cp *ControlPlane) Apply(ctx context.Context, objects ...*unstructured.Unstructured) error {
	for _, object := range objects {
		if err := cp.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(fieldOwner), client.ForceOwnership); err != nil {
			return fmt.Errorf("cannot apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	for _, object := range objects {
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if err := cp.awaitServed(ctx, object.GetName()); err != nil {
			return err
		}
	}
	return nil
}

// awaitServed waits until a CustomResourceDefinition's kind can be used.
func (cp *ControlPlane) awaitServed(ctx context.Context, name string) error {
	served := func(ctx context.Context) (bool, error) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := cp.Client.Get(ctx, client.ObjectKey{Name: name}, crd); err != nil {
			return false, err
		}
		return slices.ContainsFunc(crd.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
			return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
		}), nil
	}
	if err := wait.PollUntilContextTimeout(ctx, settleInterval, settleTimeout, true, served); err != nil {
		return fmt.Errorf("the API server does not serve %s: %w", name, err)
	}
	return nil
}

// EnsureNamespace makes a namespace unless there is one.
func (cp *ControlPlane) EnsureNamespace(ctx context.Context, name string) error {
	namespace := &corev1.Namespace{}
	namespace.Name = name
	if err := client.IgnoreAlreadyExists(cp.Client.Create(ctx, namespace)); err != nil {
		return fmt.Errorf("cannot make namespace %s: %w", name, err)
	}
	return nil
}

// ReadManifests reads the objects of a YAML file, or of the .yaml files directly
// in a folder.
func ReadManifests(path string) ([]*unstructured.Unstructured, error) {
	files := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if files, err = filepath.Glob(filepath.Join(path, "*.yaml")); err != nil {
			return nil, err
		}
	}
	var objects []*unstructured.Unstructured
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("cannot read manifests: %w", err)
		}
		parsed, err := parseManifests(data)
		if err != nil {
			return nil, fmt.Errorf("cannot read manifests of %s: %w", file, err)
		}
		objects = append(objects, parsed...)
	}
	return objects, nil
}

// parseManifests reads the objects of a YAML stream.
func parseManifests(data []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(data), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}
