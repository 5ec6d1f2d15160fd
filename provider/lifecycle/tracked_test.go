// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

func TestApplicationsOf(t *testing.T) {
	const itself = ":microstaging.dev/PreviewStack:team/shop"
	cases := map[string]struct {
		reason     string
		annotation string
		labels     map[string]string
		want       []application
	}{
		"None":      {"Made by hand.", "", nil, nil},
		"Tracked":   {"By annotation, which is the default.", "previews" + itself, nil, []application{{name: "previews"}}},
		"Namespace": {"Applications of any namespace carry it.", "team-argo_previews" + itself, nil, []application{{namespace: "team-argo", name: "previews"}}},
		"Copied":    {"A copy carries the annotation of what it was copied from.", "previews:microstaging.dev/PreviewStack:team/other", nil, nil},
		"Broken":    {"What is no tracking id is none.", "previews", nil, nil},
		"Label":     {"By label, as older ones do.", "", map[string]string{labelInstance: "previews"}, []application{{name: "previews"}}},
		"Both":      {"Any of them counts.", "a" + itself, map[string]string{labelArgoInstance: "b_c"}, []application{{name: "a"}, {namespace: "b", name: "c"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claim := &unstructured.Unstructured{}
			claim.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
			claim.SetNamespace("team")
			claim.SetName("shop")
			claim.SetAnnotations(map[string]string{annotationTracking: tc.annotation})
			claim.SetLabels(tc.labels)
			if diff := cmp.Diff(tc.want, applicationsOf(claim), cmp.AllowUnexported(application{})); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
