// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	return string(b)
}

func updateFile(t *testing.T, path, header string, content any) {
	t.Helper()
	if !*update {
		return
	}
	b, err := yaml.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte(header), b...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// asBlock turns a one-line case into YAML that can follow other members.
func asBlock(t *testing.T, text string) string {
	t.Helper()
	b, err := yaml.Marshal(read[map[string]any](t, text))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// patched applies a merge patch to a class.
func patched(t *testing.T, base, patch string) v1alpha1.PreviewClass {
	t.Helper()
	asJSON := func(text string) []byte {
		b, err := json.Marshal(read[map[string]any](t, text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	merged, err := jsonpatch.MergePatch(asJSON(base), asJSON(patch))
	if err != nil {
		t.Fatal(err)
	}
	return read[v1alpha1.PreviewClass](t, string(merged))
}
