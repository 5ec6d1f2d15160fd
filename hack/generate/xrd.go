// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	xpextv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

// claimShortName is what kubectl takes for previewstacks.
const claimShortName = "pstack"

// definition is where the XRD is kept.
const definition = "apis/definition.yaml"

// xrd writes the composite's definition.
func xrd(_ context.Context, r run) error {
	crd, err := readCRD(filepath.Join(r.stage, scratch, compositeCRD))
	if err != nil {
		return err
	}
	made, err := MakeXRD(crd)
	if err != nil {
		return err
	}
	text, err := encodeXRD(made)
	if err != nil {
		return err
	}
	header, err := os.ReadFile(filepath.Join(r.root, yamlHeader))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.stage, definition), append(header, text...), 0o644)
}

func readCRD(path string) (*extv1.CustomResourceDefinition, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the composite's CRD: %w", err)
	}
	crd := &extv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(data, crd); err != nil {
		return nil, fmt.Errorf("cannot read the composite's CRD: %w", err)
	}
	return crd, nil
}

// MakeXRD makes the definition of a composite, and of the claim to it, from the
// CRD that describes the composite's own fields. The kind of the claim is the
// composite's without its leading X.
//
// A claim may not choose its composition: the one of the same name as the
// definition is enforced. The claim waits for what it stands for when it is
// deleted (Foreground), so that Git and people see when a stack is gone.
func MakeXRD(crd *extv1.CustomResourceDefinition) (*xpextv1.CompositeResourceDefinition, error) {
	xrd := &xpextv1.CompositeResourceDefinition{
		TypeMeta: metav1.TypeMeta{
			APIVersion: xpextv1.SchemeGroupVersion.String(),
			Kind:       xpextv1.CompositeResourceDefinitionKind,
		},
		ObjectMeta: metav1.ObjectMeta{Name: crd.Name},
		Spec: xpextv1.CompositeResourceDefinitionSpec{
			Group:                        crd.Spec.Group,
			Names:                        crd.Spec.Names,
			ClaimNames:                   claimNames(crd.Spec.Names),
			DefaultCompositeDeletePolicy: ptr.To(xpv2.CompositeDeleteForeground),
			EnforcedCompositionRef:       &xpextv1.CompositionReference{Name: crd.Name},
		},
	}
	for _, version := range crd.Spec.Versions {
		made, err := xrdVersion(version)
		if err != nil {
			return nil, fmt.Errorf("cannot define %s %s: %w", crd.Name, version.Name, err)
		}
		xrd.Spec.Versions = append(xrd.Spec.Versions, *made)
	}
	return xrd, nil
}

func claimNames(composite extv1.CustomResourceDefinitionNames) *extv1.CustomResourceDefinitionNames {
	return &extv1.CustomResourceDefinitionNames{
		Kind:       strings.TrimPrefix(composite.Kind, "X"),
		ListKind:   strings.TrimPrefix(composite.ListKind, "X"),
		Plural:     strings.TrimPrefix(composite.Plural, "x"),
		Singular:   strings.TrimPrefix(composite.Singular, "x"),
		ShortNames: []string{claimShortName},
		Categories: slices.Clone(composite.Categories),
	}
}

func xrdVersion(version extv1.CustomResourceDefinitionVersion) (*xpextv1.CompositeResourceDefinitionVersion, error) {
	schema, err := json.Marshal(ownSchema(version.Schema.OpenAPIV3Schema))
	if err != nil {
		return nil, err
	}
	return &xpextv1.CompositeResourceDefinitionVersion{
		Name:                     version.Name,
		Served:                   version.Served,
		Referenceable:            version.Storage,
		AdditionalPrinterColumns: version.AdditionalPrinterColumns,
		Schema: &xpextv1.CompositeResourceValidation{
			OpenAPIV3Schema: runtime.RawExtension{Raw: schema},
		},
	}, nil
}

// ownSchema is a CRD's schema without what Crossplane adds itself: the fields
// that every object has, and the conditions, which Crossplane would overwrite.
func ownSchema(crd *extv1.JSONSchemaProps) *extv1.JSONSchemaProps {
	schema := crd.DeepCopy()
	for _, name := range []string{"apiVersion", "kind", "metadata"} {
		delete(schema.Properties, name)
	}
	delete(schema.Properties["status"].Properties, "conditions")
	return schema
}

// encodeXRD leaves out the empty status and creation time that the Go type
// would print.
func encodeXRD(xrd *xpextv1.CompositeResourceDefinition) ([]byte, error) {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(xrd)
	if err != nil {
		return nil, fmt.Errorf("cannot encode the definition: %w", err)
	}
	unstructured.RemoveNestedField(object, "status")
	unstructured.RemoveNestedField(object, "metadata", "creationTimestamp")
	return yaml.Marshal(object)
}
