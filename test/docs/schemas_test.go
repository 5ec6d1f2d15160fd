// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
)

// schemaFiles say where the schema of a kind is.
var schemaFiles = map[string]string{
	"PreviewStack":     "apis/definition.yaml",
	"PreviewClass":     "package/functions/stack/microstaging.dev_previewclasses.yaml",
	"PreviewBlueprint": "package/functions/stack/microstaging.dev_previewblueprints.yaml",
}

// A kind does to an object what the API server would: it fills in defaults,
// and refuses what the schema or one of its rules refuses, or does not know.
type kind struct {
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

func readKinds(t *testing.T) map[string]kind {
	t.Helper()
	kinds := map[string]kind{}
	for name, file := range schemaFiles {
		k, err := readKind(filepath.Join(root(t), filepath.FromSlash(file)))
		if err != nil {
			t.Fatalf("cannot read the schema of %s: %v", name, err)
		}
		kinds[name] = k
	}
	return kinds
}

func readKind(path string) (kind, error) {
	props, err := readSchema(path)
	if err != nil {
		return kind{}, err
	}
	internal := &apiextensions.JSONSchemaProps{}
	if err := extv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(props, internal, nil); err != nil {
		return kind{}, err
	}
	structural, err := schema.NewStructural(internal)
	if err != nil {
		return kind{}, err
	}
	validator, _, err := validation.NewSchemaValidator(internal)
	return kind{
		structural: structural,
		schema:     validator,
		rules:      cel.NewValidator(structural, true, celconfig.PerCallLimit),
	}, err
}

// readSchema reads the schema of the only version of a CRD or an XRD.
func readSchema(path string) (*extv1.JSONSchemaProps, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	crd := &extv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, crd); err != nil {
		return nil, err
	}
	if crd.Kind == "CustomResourceDefinition" {
		return crd.Spec.Versions[0].Schema.OpenAPIV3Schema, nil
	}
	xrd := &xpextv1.CompositeResourceDefinition{}
	if err := yaml.Unmarshal(text, xrd); err != nil {
		return nil, err
	}
	props := &extv1.JSONSchemaProps{}
	return props, yaml.Unmarshal(xrd.Spec.Versions[0].Schema.OpenAPIV3Schema.Raw, props)
}

// admit fills in defaults, and says what the API server would not accept.
func (k kind) admit(object map[string]any) error {
	unknown := pruning.PruneWithOptions(object, k.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	if len(unknown) > 0 {
		return fmt.Errorf("there is no field %v", unknown)
	}
	defaulting.Default(object, k.structural)
	if errs := validation.ValidateCustomResource(nil, object, k.schema); len(errs) > 0 {
		return errs.ToAggregate()
	}
	errs, _ := k.rules.Validate(context.Background(), nil, k.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return errs.ToAggregate()
}
