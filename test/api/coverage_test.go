// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// TestEveryRuleIsTried fails for a CEL rule that no table rejects anything by.
// A rule that is used at several places, as those of containers are in services
// and jobs, has to be tried at one of them.
func TestEveryRuleIsTried(t *testing.T) {
	tried := triedRules()
	for name, crd := range crds {
		if name == composites {
			// It has the schema of its claim.
			continue
		}
		for path, schema := range schemas(crd) {
			for _, rule := range schema.XValidations {
				if !tried[rule.Rule] && !strings.Contains(rule.Rule, "oldSelf") {
					t.Errorf("%s: no case is rejected at %s by the rule %s: add one that says %q", name, path, rule.Rule, rule.Message)
				}
			}
		}
	}
}

// triedRules is every CEL rule that a table expects a rejection by.
func triedRules() map[string]bool {
	tried := map[string]bool{}
	for name, table := range rules {
		places := schemas(crds[name])
		for _, tc := range table {
			for _, line := range strings.Split(tc.want, "\n") {
				path, message, _ := strings.Cut(line, ": ")
				for _, rule := range places[place(path)].XValidations {
					tried[rule.Rule] = tried[rule.Rule] || says(rule, message)
				}
			}
		}
	}
	return tried
}

var inBrackets = regexp.MustCompile(`\[[^]]*\]`)

// place is the path of a field without the keys and indices in it.
func place(path string) string {
	if path == "<nil>" {
		return ""
	}
	return inBrackets.ReplaceAllString(path, "[]")
}

// says tells whether a message can be from a rule: it holds the rule's message,
// or the end of what the rule computes instead.
func says(rule extv1.ValidationRule, message string) bool {
	end := rule.MessageExpression[strings.LastIndex(rule.MessageExpression, "+ '")+1:]
	end = strings.ReplaceAll(strings.Trim(end, " '"), `\'`, "'")
	return strings.HasSuffix(message, rule.Message) || (end != "" && strings.HasSuffix(message, end))
}

// TestEveryFieldIsBounded proves that nothing that people write can grow without
// a bound: the rules' cost, the composite's size in etcd and the messages to the
// functions depend on it.
func TestEveryFieldIsBounded(t *testing.T) {
	for _, name := range []string{composites, classes, blueprints, branches, secrets} {
		for path, schema := range schemas(crds[name]) {
			if !strings.HasPrefix(path, "spec.") || foreign(path) {
				continue
			}
			if bound := missingBound(schema); bound != "" {
				t.Errorf("%s: %s has no %s", name, path, bound)
			}
		}
	}
}

// missingBound is the keyword that a schema lacks.
func missingBound(schema extv1.JSONSchemaProps) string {
	switch {
	case schema.Type == "string" && schema.MaxLength == nil && schema.Enum == nil && schema.Format == "":
		return "maxLength"
	case schema.Type == "array" && schema.MaxItems == nil:
		return "maxItems"
	case schema.AdditionalProperties != nil && schema.MaxProperties == nil:
		return "maxProperties"
	case schema.XIntOrString && schema.MaxLength == nil:
		return "maxLength"
	}
	return ""
}

// foreign tells the fields that Crossplane adds to composites and to managed
// resources, and those bounded by a rule.
func foreign(path string) bool {
	added := []string{
		"spec.claimRef", "spec.composition", "spec.resourceRefs", "spec.writeConnectionSecretToRef", "spec.publishConnectionDetailsTo", "spec.environmentConfigRefs",
		"spec.deletionPolicy", "spec.managementPolicies", "spec.providerConfigRef",
		"spec.gateway.annotations[]", "spec.auth.oidc.annotations[]",
	}
	return slices.ContainsFunc(added, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}

// schemas is every schema within a CRD's, by the path of its field: names with
// dots before them, and [] for what lists and maps hold.
func schemas(crd *extv1.CustomResourceDefinition) map[string]extv1.JSONSchemaProps {
	found := map[string]extv1.JSONSchemaProps{}
	for _, version := range crd.Spec.Versions {
		collect(found, "", *version.Schema.OpenAPIV3Schema)
	}
	return found
}

func collect(found map[string]extv1.JSONSchemaProps, path string, schema extv1.JSONSchemaProps) {
	found[path] = schema
	for name, property := range schema.Properties {
		collect(found, strings.TrimPrefix(path+"."+name, "."), property)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		collect(found, path+"[]", *schema.AdditionalProperties.Schema)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		collect(found, path+"[]", *schema.Items.Schema)
	}
}
