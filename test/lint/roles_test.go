// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// TestWhatIsComposedCanBeLookedFor: a kind that Crossplane may compose and the
// provider may not list would keep every receipt from being written.
func TestWhatIsComposedCanBeLookedFor(t *testing.T) {
	may := allowed(t, "../../package/addons/rbac/provider.yaml", "list")
	composed := allowed(t, "../../package/addons/rbac/crossplane.yaml", "create")
	if len(composed) == 0 {
		t.Fatal("no kind may be composed, so this test looks in the wrong place")
	}
	for _, kind := range composed {
		if !slices.Contains(may, kind) {
			t.Errorf("%s may be composed, but the provider may not list it: add it to package/addons/rbac/provider.yaml", kind)
		}
	}
}

// allowed lists the resources, as resource.group, that the roles of a file allow
// a verb for.
func allowed(t *testing.T, file, verb string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		role := rbacv1.ClusterRole{}
		if err := decoder.Decode(&role); err != nil {
			return found
		}
		for _, rule := range role.Rules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					if slices.Contains(rule.Verbs, verb) {
						found = append(found, resource+"."+group)
					}
				}
			}
		}
	}
}
