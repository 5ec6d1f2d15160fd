// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	"github.com/google/go-cmp/cmp"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/hack/build"
)

func TestMakeXRD(t *testing.T) {
	crd := &extv1.CustomResourceDefinition{}
	crd.Name = "xcats.example.org"
	crd.Spec.Group = "example.org"
	crd.Spec.Names = extv1.CustomResourceDefinitionNames{
		Kind: "XCat", ListKind: "XCatList", Plural: "xcats", Singular: "xcat", Categories: []string{"pets"},
	}
	text := extv1.JSONSchemaProps{Type: "string", MaxLength: ptr.To[int64](9)}
	crd.Spec.Versions = []extv1.CustomResourceDefinitionVersion{{
		Name: "v1", Served: true, Storage: true,
		Schema: &extv1.CustomResourceValidation{OpenAPIV3Schema: &extv1.JSONSchemaProps{
			Type: "object",
			Properties: map[string]extv1.JSONSchemaProps{
				"apiVersion": {Type: "string"},
				"metadata":   {Type: "object"},
				"spec":       {Type: "object", Properties: map[string]extv1.JSONSchemaProps{"name": text}},
				"status":     {Type: "object", Properties: map[string]extv1.JSONSchemaProps{"mood": text, "conditions": {Type: "array"}}},
			},
		}},
	}}

	xrd, err := MakeXRD(crd)
	if err != nil {
		t.Fatalf("MakeXRD: %v", err)
	}

	wantClaim := &extv1.CustomResourceDefinitionNames{
		Kind: "Cat", ListKind: "CatList", Plural: "cats", Singular: "cat", ShortNames: []string{claimShortName}, Categories: []string{"pets"},
	}
	if diff := cmp.Diff(wantClaim, xrd.Spec.ClaimNames); diff != "" {
		t.Errorf("A claim is called as its composite, without the X: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(&xpextv1.CompositionReference{Name: "xcats.example.org"}, xrd.Spec.EnforcedCompositionRef); diff != "" {
		t.Errorf("A claim must not choose its composition: -want, +got:\n%s", diff)
	}
	wantSchema := extv1.JSONSchemaProps{
		Type: "object",
		Properties: map[string]extv1.JSONSchemaProps{
			"spec":   {Type: "object", Properties: map[string]extv1.JSONSchemaProps{"name": text}},
			"status": {Type: "object", Properties: map[string]extv1.JSONSchemaProps{"mood": text}},
		},
	}
	if diff := cmp.Diff(wantSchema, schemaOf(t, xrd)); diff != "" {
		t.Errorf("What Crossplane adds itself has to be left out: -want, +got:\n%s", diff)
	}
}

// TestCrossplaneKeepsTheSchema proves that nothing of the definition is lost
// when Crossplane makes CRDs of it: it copies a few keywords of spec and status,
// and drops all others without a word.
func TestCrossplaneKeepsTheSchema(t *testing.T) {
	xrd := readDefinition(t)
	own := schemaOf(t, xrd)
	composite, err := xcrd.ForCompositeResource(xrd)
	if err != nil {
		t.Fatalf("ForCompositeResource: %v", err)
	}
	claim, err := xcrd.ForCompositeResourceClaim(xrd)
	if err != nil {
		t.Fatalf("ForCompositeResourceClaim: %v", err)
	}
	for _, crd := range []*extv1.CustomResourceDefinition{composite, claim} {
		made := *crd.Spec.Versions[0].Schema.OpenAPIV3Schema
		if diff := cmp.Diff(own.XValidations, made.XValidations); diff != "" {
			t.Errorf("%s: rules of the object were lost: -want, +got:\n%s", crd.Name, diff)
		}
		for _, part := range []string{"spec", "status"} {
			want, got := own.Properties[part], made.Properties[part]
			for name := range got.Properties {
				if _, ours := want.Properties[name]; !ours {
					delete(got.Properties, name)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: something of %s was lost: -want, +got:\n%s", crd.Name, part, diff)
			}
		}
	}
}

// readDefinition reads the XRD of this repository.
func readDefinition(t *testing.T) *xpextv1.CompositeResourceDefinition {
	t.Helper()
	root, err := build.Root()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(definition)))
	if err != nil {
		t.Fatal(err)
	}
	xrd := &xpextv1.CompositeResourceDefinition{}
	if err := yaml.UnmarshalStrict(data, xrd); err != nil {
		t.Fatal(err)
	}
	return xrd
}

// schemaOf is the schema of an XRD's only version.
func schemaOf(t *testing.T, xrd *xpextv1.CompositeResourceDefinition) extv1.JSONSchemaProps {
	t.Helper()
	schema := extv1.JSONSchemaProps{}
	if err := yaml.UnmarshalStrict(xrd.Spec.Versions[0].Schema.OpenAPIV3Schema.Raw, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}
