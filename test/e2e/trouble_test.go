// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/images"
)

// TestTrouble: the detail of a stack that does not come up says what is wrong,
// in words somebody can act on.
func TestTrouble(t *testing.T) {
	pushRootImage(t)
	cases := map[string]struct {
		reason string
		name   string
		spec   string
		phase  v1alpha1.Phase
		detail string
	}{
		"ImageMissing": {
			reason: "the image may still be pushed, so the stack waits, and says for what",
			name:   "image-missing",
			spec:   `services: {web: {image: "registry.example.com/shop/nothere:1"}}`,
			phase:  v1alpha1.PhaseProvisioning,
			detail: "service web: image registry.example.com/shop/nothere:1 cannot be pulled: not found",
		},
		"RunsAsRoot": {
			reason: "the remedy is the developer's",
			name:   "runs-as-root",
			spec:   `services: {web: {image: "registry.example.com/shop/root:1"}}`,
			phase:  v1alpha1.PhaseFailed,
			detail: "service web: image registry.example.com/shop/root:1 runs as root; set services.web.securityContext.runAsUser",
		},
		"CrashLoop": {
			reason: "the last words are in the log, which nobody should have to look for",
			name:   "crash-loop",
			spec:   `services: {web: {image: "` + image + `", args: ["-fail=cannot open the ledger: no such file"]}}`,
			phase:  v1alpha1.PhaseProvisioning,
			detail: "service web: exited with code 1: cannot open the ledger: no such file",
		},
		"Unschedulable": {
			reason: "the class allows it, and no node has it",
			name:   "unschedulable",
			spec:   `services: {web: {image: "` + image + `", resources: {requests: {cpu: "400"}, limits: {cpu: "400"}}}}`,
			phase:  v1alpha1.PhaseProvisioning,
			detail: "service web: no node takes its pod: 1 Insufficient cpu",
		},
		"JobFailed": {
			reason: "a failed migration ends the roll-out, and its last words say why",
			name:   "job-failed",
			spec: `
jobs: {migrate: {phase: PreDeploy, run: EachRevision, retries: 0, image: "` + image + `", args: ["-fail=column total does not exist"]}}
services: {web: {image: "` + image + `"}}`,
			phase:  v1alpha1.PhaseFailed,
			detail: "job migrate failed: exited with code 1: column total does not exist",
		},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			t.Parallel()
			t.Log(tc.reason)
			await(t, claim(t, tc.name, tc.spec), isDetail(tc.phase, tc.detail))
		})
	}
}

// pushRootImage pushes an image that names no user, as many do.
func pushRootImage(t *testing.T) {
	t.Helper()
	img, err := images.Build(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	root := config.Config
	root.User = ""
	if img, err = mutate.Config(img, root); err != nil {
		t.Fatal(err)
	}
	if err := images.Push(t.Context(), img, place.Registry+"/shop/root:1"); err != nil {
		t.Fatal(err)
	}
}
