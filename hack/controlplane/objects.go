// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

const (
	// LocalProviderConfig is the ProviderConfig with which provider-kubernetes
	// applies Objects to the very cluster it runs on, as its administrator.
	LocalProviderConfig = "local"

	// objectsWebhook is where provider-kubernetes serves its webhook: the port
	// is fixed in its code.
	objectsWebhook = "127.0.0.1:9443"

	objectsProvider = "provider-kubernetes"
	objectsModule   = "github.com/crossplane-contrib/provider-kubernetes"
)

// StartProviderKubernetes starts provider-kubernetes as a process, with a
// ProviderConfig for this cluster. Further flags are its own: without --poll it
// looks at an Object every ten minutes, without --enable-watches an
// Object's spec.watch does nothing.
//
// Only one can run per host or network namespace, see objectsWebhook.
func (x *Crossplane) StartProviderKubernetes(ctx context.Context, flags ...string) error {
	if err := x.startProviderKubernetes(ctx, flags); err != nil {
		return fmt.Errorf("cannot start %s: %w", objectsProvider, err)
	}
	return nil
}

func (x *Crossplane) startProviderKubernetes(ctx context.Context, flags []string) error {
	path, err := build.Tool(ctx, objectsProvider)
	if err != nil {
		return err
	}
	module, err := build.ModuleDir(ctx, objectsProvider, objectsModule)
	if err != nil {
		return err
	}
	files, err := x.InstallProvider(ctx, Provider{
		Name:           objectsProvider,
		CRDs:           []string{filepath.Join(module, "package", "crds")},
		WebhookAddress: objectsWebhook,
	})
	if err != nil {
		return err
	}
	ports, err := freePorts(ctx, 1)
	if err != nil {
		return err
	}
	if _, err := x.cp.Group.Start(ctx, process.Spec{
		Name: objectsProvider, Path: path, NetNS: x.cp.options.NetNS,
		Env:   []string{"KUBECONFIG=" + files.Kubeconfig, "TLS_SERVER_CERTS_DIR=" + files.CertsDir},
		Args:  append([]string{"--health-probe-bind-addr=" + local(ports[0])}, flags...),
		Ready: x.cp.answers("http://" + local(ports[0]) + "/readyz"),
	}); err != nil {
		return err
	}
	return x.applyLocalProviderConfig(ctx)
}

// applyLocalProviderConfig hands the administrator's kubeconfig to the provider:
// the identity it would have in a pod is only there in a pod.
func (x *Crossplane) applyLocalProviderConfig(ctx context.Context) error {
	kubeconfig, err := os.ReadFile(x.cp.Kubeconfig())
	if err != nil {
		return err
	}
	secret, err := toUnstructured(&corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: CrossplaneNamespace, Name: objectsProvider + "-" + LocalProviderConfig},
		Data:       map[string][]byte{"kubeconfig": kubeconfig},
	})
	if err != nil {
		return err
	}
	config := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubernetes.crossplane.io/v1alpha1",
		"kind":       "ProviderConfig",
		"metadata":   map[string]any{"name": LocalProviderConfig},
		"spec": map[string]any{"credentials": map[string]any{
			"source":    "Secret",
			"secretRef": map[string]any{"namespace": CrossplaneNamespace, "name": secret[0].GetName(), "key": "kubeconfig"},
		}},
	}}
	return x.cp.Apply(ctx, secret[0], config)
}

func base64Of(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
