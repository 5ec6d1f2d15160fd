// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// A Provider says what the package of a Crossplane provider would.
type Provider struct {
	// Name names the provider, its service account and its roles.
	Name string

	// CRDs are the files, or folders of files, with the provider's kinds.
	CRDs []string

	// WebhookAddress is the host and port at which the provider's process serves
	// its conversion webhook; empty when it has none.
	WebhookAddress string
}

// ProviderFiles are what the process of a provider needs.
type ProviderFiles struct {
	// Kubeconfig has the provider's own rights.
	Kubeconfig string

	// CertsDir holds tls.crt and tls.key to serve webhooks with.
	CertsDir string
}

// InstallProvider does for a provider that runs as a process what Crossplane's
// package manager and RBAC manager do for one that runs as a pod: it applies the
// kinds, grants the provider and Crossplane the rights to them, and makes the
// files that the process needs. It starts nothing.
func (x *Crossplane) InstallProvider(ctx context.Context, p Provider) (ProviderFiles, error) {
	files, err := x.installProvider(ctx, p)
	if err != nil {
		return ProviderFiles{}, fmt.Errorf("cannot install provider %s: %w", p.Name, err)
	}
	return files, nil
}

func (x *Crossplane) installProvider(ctx context.Context, p Provider) (ProviderFiles, error) {
	definitions, err := x.definitions(p)
	if err != nil {
		return ProviderFiles{}, err
	}
	rights, err := MakeProviderRights(p.Name, kindsOf(definitions))
	if err != nil {
		return ProviderFiles{}, err
	}
	if err := x.cp.Apply(ctx, append(definitions, rights...)...); err != nil {
		return ProviderFiles{}, err
	}
	certs := x.cp.state("providers", p.Name)
	if err := x.ca.IssueFiles(certs, Subject{Name: p.Name, Hosts: []string{"127.0.0.1", "localhost"}}); err != nil {
		return ProviderFiles{}, err
	}
	kubeconfig, err := x.cp.WriteServiceAccountKubeconfig(ctx, CrossplaneNamespace, p.Name)
	return ProviderFiles{Kubeconfig: kubeconfig, CertsDir: certs}, err
}

// definitions reads a provider's kinds. Conversion webhooks that a Service would
// front are called at the process itself.
func (x *Crossplane) definitions(p Provider) ([]*unstructured.Unstructured, error) {
	var definitions []*unstructured.Unstructured
	for _, path := range p.CRDs {
		read, err := ReadManifests(path)
		if err != nil {
			return nil, err
		}
		definitions = append(definitions, read...)
	}
	for _, definition := range definitions {
		strategy, _, err := unstructured.NestedString(definition.Object, "spec", "conversion", "strategy")
		if err != nil {
			return nil, err
		}
		if strategy != "Webhook" {
			continue
		}
		webhook := map[string]any{"url": "https://" + p.WebhookAddress + "/convert", "caBundle": base64Of(x.ca.PEM)}
		if err := unstructured.SetNestedMap(definition.Object, webhook, "spec", "conversion", "webhook", "clientConfig"); err != nil {
			return nil, err
		}
	}
	return definitions, nil
}

// kindsOf lists the names, plural and group, that CustomResourceDefinitions have.
func kindsOf(definitions []*unstructured.Unstructured) []string {
	names := make([]string, 0, len(definitions))
	for _, definition := range definitions {
		names = append(names, definition.GetName())
	}
	slices.Sort(names)
	return names
}

// MakeProviderRights makes a provider's service account and the rights that
// Crossplane's RBAC manager would grant for kinds given as plural.group: to the
// provider what it needs to reconcile them, to Crossplane all to compose them.
func MakeProviderRights(name string, kinds []string) ([]*unstructured.Unstructured, error) {
	account := &corev1.ServiceAccount{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta: metav1.ObjectMeta{Namespace: CrossplaneNamespace, Name: name},
	}
	system := makeRole("crossplane:provider:"+name+":system", nil, append(rulesFor(kinds, "get", "list", "watch", "update", "patch", "create"),
		rbacv1.PolicyRule{APIGroups: []string{"", "coordination.k8s.io"}, Resources: []string{"secrets", "configmaps", "events", "leases"}, Verbs: []string{"*"}},
		rbacv1.PolicyRule{APIGroups: []string{"apiextensions.k8s.io"}, Resources: []string{"customresourcedefinitions"}, Verbs: []string{"get", "list", "watch"}},
	))
	edit := makeRole("crossplane:provider:"+name+":aggregate-to-edit",
		map[string]string{"rbac.crossplane.io/aggregate-to-crossplane": "true"}, rulesFor(kinds, "*"))
	binding := &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: system.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: system.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: CrossplaneNamespace, Name: name}},
	}
	return toUnstructured(account, system, edit, binding)
}

func makeRole(name string, labels map[string]string, rules []rbacv1.PolicyRule) *rbacv1.ClusterRole {
	return &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Rules:      rules,
	}
}

// rulesFor grants verbs on kinds, their status and their finalizers.
func rulesFor(kinds []string, verbs ...string) []rbacv1.PolicyRule {
	rules := make([]rbacv1.PolicyRule, 0, len(kinds))
	for _, kind := range kinds {
		plural, group, _ := strings.Cut(kind, ".")
		rules = append(rules, rbacv1.PolicyRule{
			APIGroups: []string{group},
			Resources: []string{plural, plural + "/status", plural + "/finalizers"},
			Verbs:     verbs,
		})
	}
	return rules
}

func toUnstructured(objects ...any) ([]*unstructured.Unstructured, error) {
	converted := make([]*unstructured.Unstructured, 0, len(objects))
	for _, object := range objects {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return nil, fmt.Errorf("cannot convert %T: %w", object, err)
		}
		converted = append(converted, &unstructured.Unstructured{Object: fields})
	}
	return converted, nil
}
