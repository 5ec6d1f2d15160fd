// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const group = "microstaging.dev/"

// TestYAML holds each YAML block of the documentation that is ours: that of one
// of our kinds, or a fragment of what goes under the spec of a claim.
func TestYAML(t *testing.T) {
	kinds := readKinds(t)
	library := newLibrary(t)
	blocks := ours(t)
	for _, b := range blocks {
		library.note(t, b)
	}
	for _, b := range blocks {
		if err := check(b, kinds, library); err != nil {
			t.Errorf("%s:%d: %v", b.page, b.line, err)
		}
	}
	if len(blocks) < 10 {
		t.Errorf("found %d blocks, so this test looks in the wrong place", len(blocks))
	}
}

// ours are the blocks that this project's kinds, or fragments of them, are in.
func ours(t *testing.T) []block {
	t.Helper()
	var found []block
	for _, p := range pages(t) {
		blocks, _ := split(p)
		for _, b := range blocks {
			if b.language == "yaml" && (strings.HasPrefix(apiVersion(b.text), group) || isFragment(b.text)) {
				found = append(found, b)
			}
		}
	}
	return found
}

func apiVersion(text string) string {
	var head struct {
		APIVersion string `json:"apiVersion"`
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return ""
	}
	return head.APIVersion
}

// isFragment: its members are all parts of a stack.
func isFragment(text string) bool {
	var members map[string]any
	if err := yaml.Unmarshal([]byte(text), &members); err != nil || len(members) == 0 {
		return false
	}
	known := map[string]bool{}
	for i := range reflect.TypeFor[v1alpha1.StackTemplate]().NumField() {
		tag := reflect.TypeFor[v1alpha1.StackTemplate]().Field(i).Tag.Get("json")
		known[strings.Split(tag, ",")[0]] = true
	}
	for m := range members {
		if !known[m] {
			return false
		}
	}
	return true
}

// check admits a block as the API server would, decodes it into its Go type,
// and makes a stack of it.
func check(b block, kinds map[string]kind, l *library) error {
	text := b.text
	if apiVersion(text) == "" {
		text = claimAround(text)
	}
	object, err := decode(text)
	if err != nil {
		return err
	}
	name, _ := object["kind"].(string)
	k, ok := kinds[name]
	if !ok {
		return fmt.Errorf("kind %q is not one that people write", name)
	}
	if err := k.admit(object); err != nil {
		return err
	}
	admitted, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return l.resolve(name, admitted)
}

// decode reads an object as the API server does, whole numbers as such.
func decode(text string) (map[string]any, error) {
	raw, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return nil, err
	}
	var object map[string]any
	return object, utiljson.Unmarshal(raw, &object)
}

// claimAround makes a claim of a fragment.
func claimAround(fragment string) string {
	var members map[string]any
	if err := yaml.Unmarshal([]byte(fragment), &members); err != nil {
		return fragment
	}
	if members["services"] == nil {
		members["services"] = map[string]any{"web": map[string]any{"image": "registry.example.com/shop/web:main"}}
	}
	members["source"] = map[string]any{"repository": "acme/shop", "pullRequest": 402, "revision": "9f1c2ab"}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "PreviewStack",
		"metadata": map[string]any{"name": "shop-pr-402", "namespace": "team-shop"},
		"spec":     members,
	})
	if err != nil {
		return fragment
	}
	return string(text)
}

// A library holds what the blocks of the documentation refer to.
type library struct {
	// everything is a class that allows what the documentation shows.
	everything v1alpha1.PreviewClass
	// claim is the least there is, to hold a class against.
	claim      v1alpha1.XPreviewStack
	classes    map[string]v1alpha1.PreviewClass
	blueprints map[string]v1alpha1.PreviewBlueprint // By name and by series.
	configMaps map[string]map[string]string
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{
		classes:    map[string]v1alpha1.PreviewClass{},
		blueprints: map[string]v1alpha1.PreviewBlueprint{},
		configMaps: map[string]map[string]string{
			"shop-flags": {"flags.json": "{}"},
			"tax-api":    {"openapi.yaml": "openapi: 3.0.3"},
		},
	}
	read := func(path string, into any) {
		text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, into); err != nil {
			t.Fatalf("cannot read %s: %v", path, err)
		}
	}
	read("examples/full/class.yaml", &l.everything)
	read("examples/minimal/claim.yaml", &l.claim)
	return l
}

// note keeps classes and blueprints for the claims that name them.
func (l *library) note(t *testing.T, b block) {
	t.Helper()
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(b.text), &head); err != nil {
		t.Fatalf("%s:%d: %v", b.page, b.line, err)
	}
	switch head.Kind {
	case "PreviewClass":
		var c v1alpha1.PreviewClass
		if err := yaml.UnmarshalStrict([]byte(b.text), &c); err != nil {
			t.Fatalf("%s:%d: %v", b.page, b.line, err)
		}
		l.classes[c.Name] = c
	case "PreviewBlueprint":
		var bp v1alpha1.PreviewBlueprint
		if err := yaml.UnmarshalStrict([]byte(b.text), &bp); err != nil {
			t.Fatalf("%s:%d: %v", b.page, b.line, err)
		}
		if got := bp.Labels[v1alpha1.LabelSeries]; got != bp.Spec.Series {
			t.Errorf("%s:%d: label %s is %q, and spec.series %q: no claim would find it", b.page, b.line, v1alpha1.LabelSeries, got, bp.Spec.Series)
		}
		l.blueprints[bp.Name], l.blueprints[bp.Spec.Series] = bp, bp
	}
}

// resolve makes a stack with the object in its place.
func (l *library) resolve(kind string, object []byte) error {
	claim, class := l.claim, l.everything
	var blueprint *v1alpha1.PreviewBlueprint
	switch kind {
	case "PreviewClass":
		class = v1alpha1.PreviewClass{}
		if err := yaml.UnmarshalStrict(object, &class); err != nil {
			return err
		}
	case "PreviewBlueprint":
		blueprint = &v1alpha1.PreviewBlueprint{}
		if err := yaml.UnmarshalStrict(object, blueprint); err != nil {
			return err
		}
		claim.Spec.StackTemplate = v1alpha1.StackTemplate{}
	case "PreviewStack":
		claim = v1alpha1.XPreviewStack{}
		if err := yaml.UnmarshalStrict(object, &claim); err != nil {
			return err
		}
		var err error
		if class, blueprint, err = l.references(claim.Spec); err != nil {
			return err
		}
	}
	_, problems := stack.Resolve(stack.Input{
		Identity: names.Identity{ClaimNamespace: claim.Namespace, ClaimName: claim.Name},
		Spec:     claim.Spec, Class: class, Blueprint: blueprint, ConfigMaps: l.configMaps,
	})
	if len(problems) > 0 {
		return problems
	}
	return nil
}

func (l *library) references(spec v1alpha1.PreviewStackSpec) (v1alpha1.PreviewClass, *v1alpha1.PreviewBlueprint, error) {
	class := l.everything
	if ref := spec.ClassRef; ref != nil {
		named, ok := l.classes[ref.Name]
		if !ok {
			return class, nil, fmt.Errorf("class %q is on no page", ref.Name)
		}
		class = named
	}
	if spec.BlueprintRef == nil {
		return class, nil, nil
	}
	name := cmp.Or(spec.BlueprintRef.Name, spec.BlueprintRef.Series)
	blueprint, ok := l.blueprints[name]
	if !ok {
		return class, nil, fmt.Errorf("blueprint %q is on no page", name)
	}
	return class, &blueprint, nil
}
