// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxMessage is how long a rejection may be, in bytes, whatever is rejected.
const maxMessage = 600

// TestHostileKeys proves that the name of a part cannot be used to put markup or
// a flood of text into a message: messages are shown in terminals, in pull
// requests and in the pages of Argo CD.
func TestHostileKeys(t *testing.T) {
	keys := map[string]string{
		"Long":       strings.Repeat("x", 10_000),
		"LineBreak":  "web\nReady: True",
		"Markup":     "<img src=https://tracker.example/x onerror=alert(1)>",
		"Markdown":   "[click](https://evil.example)",
		"Escape":     "web\x1b[2J",
		"Bidi":       "web\u202egnp.exe",
		"Empty":      "",
		"Emoji":      "🚀",
		"Traversing": "../../../etc/passwd\u0000",
	}
	fields := map[string]string{
		"services":  `{spec: {services: {KEY: {image: shop}}}}`,
		"volumes":   `{spec: {volumes: {KEY: {size: 1Gi}}}}`,
		"databases": `{spec: {databases: {KEY: {}}}}`,
		"mocks":     `{spec: {mocks: {KEY: {}}}}`,
		"jobs":      `{spec: {jobs: {KEY: {image: shop}}}}`,
		"egress":    `{spec: {egress: {KEY: {host: a.example, ports: [443]}}}}`,
		"secrets":   `{spec: {secrets: {KEY: {generate: {}}}}}`,
		"env":       `{spec: {services: {web: {env: {KEY: x}}}}}`,
		"envFrom":   `{spec: {services: {web: {envFrom: {KEY: {}}}}}}`,
		"files":     `{spec: {services: {web: {files: {KEY: {content: x}}}}}}`,
		"mounts":    `{spec: {services: {web: {volumes: {KEY: {source: x}}}}}}`,
		"dependsOn": `{spec: {services: {web: {dependsOn: {KEY: {}}}}}}`,
		"ports":     `{spec: {services: {web: {ports: {KEY: {port: 80}}}}}}`,
		"exposed":   `{spec: {services: {web: {expose: {ports: {KEY: {}}}}}}}`,
		"mockFiles": `{spec: {mocks: {pay: {files: {KEY: x}}}}}`,
	}
	for field, overlay := range fields {
		for name, key := range keys {
			t.Run(field+"/"+name, func(t *testing.T) {
				err := api.Create(t.Context(), withKey(t, object(t, claims, overlay), key), client.DryRunAll)
				if err == nil {
					t.Fatalf("the key %.40q was accepted", key)
				}
				message := said(t, err)
				if len(message) > maxMessage || !readable(message) || (key != "" && strings.Contains(message, key)) {
					t.Errorf("the key %.40q is answered with %d bytes, which must be at most %d, plain, and without the key:\n%.700q", key, len(message), maxMessage, message)
				}
				if !strings.Contains(message, "cannot be used: ") {
					t.Errorf("the key %.40q is answered without a remedy: %s", key, message)
				}
			})
		}
	}
}

// withKey is an object with a key in place of KEY. It is put in behind YAML,
// which knows no keys as long as those that a JSON client can send.
func withKey(t *testing.T, o *unstructured.Unstructured, key string) *unstructured.Unstructured {
	t.Helper()
	data, err := o.MarshalJSON()
	if err != nil {
		t.Fatalf("cannot encode an object: %v", err)
	}
	quoted, err := json.Marshal(key)
	if err != nil {
		t.Fatalf("cannot encode a key: %v", err)
	}
	hostile := &unstructured.Unstructured{}
	if err := hostile.UnmarshalJSON(bytes.ReplaceAll(data, []byte(`"KEY"`), quoted)); err != nil {
		t.Fatalf("cannot decode an object: %v", err)
	}
	return hostile
}

// readable says whether text is one line of plain characters.
func readable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
