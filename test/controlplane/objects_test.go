// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/controlplane"
)

const targetClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: target-%s}
spec:
  domain: preview.example.com
  auth: {mode: None}
  gateway: {parentRef: {namespace: gateway-system, name: preview}, scheme: http}
  target: %s
`

// TestObjects: with a class whose target is another cluster, stacks are made of
// Objects, which the real provider-kubernetes applies. The other cluster is this
// one, under its administrator's name: what crosses is the same.
func TestObjects(t *testing.T) {
	t.Parallel()
	need(t, gatewayAPI)
	if err := shared.crossplane.StartProviderKubernetes(t.Context(), "--enable-watches", "--poll=30s"); err != nil {
		t.Fatal(err)
	}
	s := newScenario(t)
	remote := fmt.Sprintf(targetClass, "remote", "{mode: Objects, providerConfigRef: {name: "+controlplane.LocalProviderConfig+"}}")
	direct := fmt.Sprintf(targetClass, "direct", "{mode: Direct}")
	s.apply(remote + "\n---" + direct)
	t.Cleanup(func() { s.remove(remote + "\n---" + direct) })

	c := s.claim("shop", "classRef: {name: target-remote}"+web)
	got := c.awaitReady()
	before := c.uids()
	for name := range before {
		if !strings.HasPrefix(name, "Object/"+got.Status.Namespace) {
			t.Errorf("want nothing but Objects that carry the stack's name, got %s", name)
		}
	}
	deployment := mustGet(t, got, "web", &appsv1.Deployment{})
	if deployment.Status.AvailableReplicas != 1 {
		t.Error("the stack is Ready and its Deployment is not")
	}

	c.update("classRef: {name: target-direct}" + web)
	c.await("is refused to move", func(got stack) error {
		return first(hasCondition(got, v1alpha1.ConditionAdmitted, "False", v1alpha1.ReasonImmutable),
			mention(message(got, v1alpha1.ConditionAdmitted), "spec.classRef", "a live stack does not move"))
	})
	lostNothing(t, c, before)
	if again := mustGet(t, got, "web", &appsv1.Deployment{}); again.UID != deployment.UID {
		t.Error("the Deployment was lost")
	}

	c.update("classRef: {name: target-remote}" + web)
	c.await("is admitted again", func(got stack) error {
		return first(isReady(got), hasCondition(got, v1alpha1.ConditionAdmitted, "True", ""))
	})
	c.delete()
	c.awaitGone(got)
}
