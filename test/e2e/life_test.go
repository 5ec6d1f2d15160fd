// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// TestMockRolls: a mock reads its files when it starts, so another content of
// its ConfigMap, which is in the claim's namespace, rolls it.
func TestMockRolls(t *testing.T) {
	t.Parallel()
	mapping := func(body string) string {
		return `{apiVersion: v1, kind: ConfigMap, metadata: {name: pay-stubs, namespace: ` + team + `}, data: {mappings__pay.json: '{"request": {"urlPath": "/pay"}, "response": {"status": 200, "body": "` + body + `"}}'}}`
	}
	apply(t, mapping("accepted"))
	stack := claim(t, "mock", `
mocks: {pay: {engine: WireMock, configMapRef: {name: pay-stubs}}}
services: {web: {image: "`+image+`", env: {PAY_URL: "${mocks.pay.url}"}}}
`)
	status := ready(t, stack)
	pay := func() string {
		out, err := place.Kubectl(t.Context(), nil, "get", "--raw", "/api/v1/namespaces/"+status.Namespace+"/services/http:pay:http/proxy/pay")
		if err != nil {
			return err.Error()
		}
		return out
	}
	awaitText(t, "the mock's answer", pay, "accepted")
	apply(t, mapping("declined"))
	awaitText(t, "the mock's answer", pay, "declined")
}

// TestVolumeOutlivesPods: what a service wrote is there after a roll-out.
func TestVolumeOutlivesPods(t *testing.T) {
	t.Parallel()
	stack := claim(t, "volume", `
volumes: {notes: {size: 100Mi}}
services:
  web:
    image: "`+image+`"
    args: ["-append=/data/notes", "-page=first"]
    securityContext: {runAsUser: 10001, fsGroup: 10001}
    ports: {http: {port: 8080}}
    healthcheck: {http: {path: /}}
    volumes: {/data: {source: notes}}
    expose: {}
`)
	answers(t, ready(t, stack).URL, "first\n")
	if err := stack.Patch(t.Context(), map[string]any{"spec": map[string]any{"services": map[string]any{"web": map[string]any{"args": []any{"-append=/data/notes", "-page=second"}}}}}); err != nil {
		t.Fatal(err)
	}
	status := await(t, stack, func(s v1alpha1.PreviewStackStatus) bool { return s.URL != "" })
	answers(t, status.URL, "first\nsecond\n")
}

// TestFilesRoll: a file of a service that changes reaches it, by a roll-out.
func TestFilesRoll(t *testing.T) {
	t.Parallel()
	stack := claim(t, "files", `
services:
  web:
    image: "`+image+`"
    args: ["-show=/etc/web/banner"]
    ports: {http: {port: 8080}}
    files: {/etc/web/banner: {content: "winter sale"}}
    expose: {}
`)
	url := ready(t, stack).URL
	answers(t, url, "winter sale")
	if err := stack.Patch(t.Context(), map[string]any{"spec": map[string]any{"services": map[string]any{"web": map[string]any{
		"files": map[string]any{"/etc/web/banner": map[string]any{"content": "summer sale"}},
	}}}}); err != nil {
		t.Fatal(err)
	}
	answers(t, url, "summer sale")
}
