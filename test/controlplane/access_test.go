// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
)

// TestAccess: the class's groups may look into a stack and not at its secrets,
// whoever edits a namespace may claim stacks in it and no more, and Crossplane
// itself may not do what stacks do not need.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	class := `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: access}
spec: {domain: preview.example.com, auth: {mode: None}, access: {groups: [shop-developers]}}
`
	s.apply(class)
	t.Cleanup(func() { s.remove(class) })
	got := s.claim("shop", "classRef: {name: access}"+worker).awaitReady()

	author := &rbacv1.RoleBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "claim-authors"}},
	}
	author.Name, author.Namespace = "authors", s.namespace
	if err := shared.Create(t.Context(), author); err != nil {
		t.Fatal(err)
	}

	const team, authors, crossplane = "shop-developers", "claim-authors", "system:serviceaccount:crossplane-system:crossplane"
	type attributes = authorizationv1.ResourceAttributes
	in := func(verb, resource, subresource string) attributes {
		return attributes{Namespace: got.Status.Namespace, Verb: verb, Resource: resource, Subresource: subresource}
	}
	cases := map[string]struct {
		reason string
		who    string
		what   attributes
		want   bool
	}{
		"TeamPods":          {"a team sees what runs", team, in("list", "pods", ""), true},
		"TeamLogs":          {"a team reads logs", team, in("get", "pods", "log"), true},
		"TeamExec":          {"a team opens a shell", team, in("create", "pods", "exec"), true},
		"TeamSecrets":       {"credentials are for pods", team, in("get", "secrets", ""), false},
		"TeamEdit":          {"a preview is made anew, not repaired", team, in("delete", "pods", ""), false},
		"TeamElsewhere":     {"one stack's team is not another's", team, attributes{Namespace: s.namespace, Verb: "list", Resource: "pods"}, false},
		"AuthorClaims":      {"who edits a namespace may claim stacks in it", authors, attributes{Namespace: s.namespace, Verb: "create", Group: "microstaging.dev", Resource: "previewstacks"}, true},
		"AuthorElsewhere":   {"and not in another", authors, attributes{Namespace: "default", Verb: "create", Group: "microstaging.dev", Resource: "previewstacks"}, false},
		"AuthorClasses":     {"the platform's rules are the platform's", authors, attributes{Verb: "create", Group: "microstaging.dev", Resource: "previewclasses"}, false},
		"AuthorComposites":  {"nobody goes round the claim", authors, attributes{Verb: "create", Group: "microstaging.dev", Resource: "xpreviewstacks"}, false},
		"AuthorPods":        {"a claim gives no rights within the stack", authors, in("create", "pods", "exec"), false},
		"CrossplanePods":    {"Deployments make pods, Crossplane does not", crossplane, in("create", "pods", ""), false},
		"CrossplaneRoles":   {"roles are never composed", crossplane, attributes{Namespace: got.Status.Namespace, Verb: "create", Group: rbacv1.GroupName, Resource: "roles"}, false},
		"CrossplaneBind":    {"it binds the one role of our add-on", crossplane, attributes{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: "microstaging:preview-team"}, true},
		"CrossplaneBindAny": {"and no other", crossplane, attributes{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: "cluster-admin"}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User: tc.who, Groups: []string{tc.who, "system:authenticated"}, ResourceAttributes: &tc.what,
			}}
			if err := shared.Create(t.Context(), review); err != nil {
				t.Fatal(err)
			}
			if review.Status.Allowed != tc.want {
				t.Errorf("%s: want allowed %t, got %t", tc.reason, tc.want, review.Status.Allowed)
			}
		})
	}
}

// TestGuardrails: the namespace refuses a privileged pod, and has a quota and
// limits. That they stand before any pod is TestOrder's.
func TestGuardrails(t *testing.T) {
	t.Parallel()
	s := newScenario(t)
	got := s.claim("shop", worker).awaitReady()
	cases := map[string]struct {
		reason string
		change func(*corev1.Pod)
		want   bool
	}{
		"Restricted": {"a pod as stacks have them is admitted", func(*corev1.Pod) {}, true},
		"Privileged": {"a privileged container owns the node", func(p *corev1.Pod) {
			p.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: ptr.To(true)}
		}, false},
		"Root":        {"root in a container is one bug from root on the node", func(p *corev1.Pod) { p.Spec.Containers[0].SecurityContext.RunAsNonRoot = nil }, false},
		"HostPath":    {"the node's files are not the stack's", func(p *corev1.Pod) { p.Spec.Volumes = []corev1.Volume{hostPath()} }, false},
		"HostNetwork": {"network policies do not hold there", func(p *corev1.Pod) { p.Spec.HostNetwork = true }, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pod := restrictedPod(got.Status.Namespace)
			tc.change(pod)
			err := shared.Create(t.Context(), pod)
			if tc.want != (err == nil) || (err != nil && !apierrors.IsForbidden(err)) {
				t.Errorf("%s: want admitted %t, got %v", tc.reason, tc.want, err)
			}
		})
	}
	if quota := mustGet(t, got, "stack", &corev1.ResourceQuota{}); len(quota.Status.Hard) == 0 {
		t.Error("the quota is not in force")
	}
	if limits := mustGet(t, got, "stack", &corev1.LimitRange{}); len(limits.Spec.Limits) == 0 {
		t.Error("the limit range has no limits")
	}
}

// restrictedPod is as restricted as pod security asks for.
func restrictedPod(namespace string) *corev1.Pod {
	pod := &corev1.Pod{}
	pod.GenerateName, pod.Namespace = "by-hand-", namespace
	pod.Spec.SecurityContext = &corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}}
	pod.Spec.Containers = []corev1.Container{{
		Name: "main", Image: "registry.example.com/by-hand:1",
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false),
			RunAsNonRoot:             ptr.To(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
	}}
	return pod
}

func hostPath() corev1.Volume {
	return corev1.Volume{Name: "node", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}}
}
