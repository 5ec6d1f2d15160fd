// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

// CrossplaneNamespace is where Crossplane's own objects are.
const CrossplaneNamespace = "crossplane-system"

// Names that Crossplane's chart gives.
const (
	crossplaneAccount  = "crossplane"
	rbacManagerAccount = "rbac-manager"
	rootCASecret       = "crossplane-root-ca"
	clientTLSSecret    = "crossplane-tls-client"
	serverTLSSecret    = "crossplane-tls-server"
	crossplaneModule   = "github.com/crossplane/crossplane/v2"
)

// Crossplane is a running Crossplane: its core and its RBAC manager.
type Crossplane struct {
	// MetricsURL is where the core serves its metrics.
	MetricsURL string

	cp *ControlPlane
	ca *CA
}

// StartCrossplane starts Crossplane as processes, with default flags but for
// two: packages run elsewhere (see InstallFunction), and no webhooks are served.
// Both processes have the rights that Crossplane's own chart gives their service
// accounts; what compositions create beyond those has to be granted by
// ClusterRoles labelled rbac.crossplane.io/aggregate-to-crossplane, as on any
// cluster.
func (cp *ControlPlane) StartCrossplane(ctx context.Context) (*Crossplane, error) {
	x, err := cp.startCrossplane(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot start Crossplane: %w", err)
	}
	return x, nil
}

func (cp *ControlPlane) startCrossplane(ctx context.Context) (*Crossplane, error) {
	path, err := build.Tool(ctx, "crossplane")
	if err != nil {
		return nil, err
	}
	if err := cp.applyCrossplaneChart(ctx); err != nil {
		return nil, err
	}
	env, err := cp.crossplaneEnv(ctx)
	if err != nil {
		return nil, err
	}
	if err := cp.awaitRights(ctx); err != nil {
		return nil, err
	}
	if err := cp.initCrossplane(ctx, path, env); err != nil {
		return nil, err
	}
	x := &Crossplane{cp: cp}
	if err := x.readCertificates(ctx); err != nil {
		return nil, err
	}
	if err := cp.startRBACManager(ctx, path); err != nil {
		return nil, err
	}
	if err := x.startCore(ctx, path, env); err != nil {
		return nil, err
	}
	return x, nil
}

// applyCrossplaneChart applies what Crossplane's chart holds, but for what would
// run it in pods.
func (cp *ControlPlane) applyCrossplaneChart(ctx context.Context) error {
	module, err := build.ModuleDir(ctx, "crossplane", crossplaneModule)
	if err != nil {
		return err
	}
	objects, err := RenderChart(ctx, "crossplane", CrossplaneNamespace, filepath.Join(module, "cluster", "charts", "crossplane"))
	if err != nil {
		return err
	}
	if err := cp.EnsureNamespace(ctx, CrossplaneNamespace); err != nil {
		return err
	}
	return cp.Apply(ctx, slices.DeleteFunc(objects, func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "Deployment" || o.GetKind() == "Service"
	})...)
}

// RenderChart renders a Helm chart with its default values and returns its
// objects.
func RenderChart(ctx context.Context, release, namespace, chart string) ([]*unstructured.Unstructured, error) {
	helm, err := build.Tool(ctx, "helm")
	if err != nil {
		return nil, err
	}
	rendered, err := exec.CommandContext(ctx, helm, "template", release, chart, "--namespace", namespace).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return nil, fmt.Errorf("cannot render the chart %s: %w", chart, err)
	}
	return parseManifests(rendered)
}

// crossplaneEnv is what tells Crossplane outside a pod where and who it is.
func (cp *ControlPlane) crossplaneEnv(ctx context.Context) ([]string, error) {
	kubeconfig, err := cp.WriteServiceAccountKubeconfig(ctx, CrossplaneNamespace, crossplaneAccount)
	if err != nil {
		return nil, err
	}
	return []string{
		"KUBECONFIG=" + kubeconfig,
		"POD_NAMESPACE=" + CrossplaneNamespace,
		"POD_SERVICE_ACCOUNT=" + crossplaneAccount,
		"TLS_CA_SECRET_NAME=" + rootCASecret,
		"TLS_SERVER_SECRET_NAME=" + serverTLSSecret,
		"TLS_CLIENT_SECRET_NAME=" + clientTLSSecret,
	}, nil
}

// awaitRights waits until Crossplane's account may do what its chart says: the
// API server learns of roles and bindings a moment after they were accepted.
func (cp *ControlPlane) awaitRights(ctx context.Context) error {
	allowed := func(ctx context.Context) (bool, error) {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: "system:serviceaccount:" + CrossplaneNamespace + ":" + crossplaneAccount,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: "create", Namespace: CrossplaneNamespace, Resource: "secrets",
			},
		}}
		err := cp.Client.Create(ctx, review)
		return review.Status.Allowed, err
	}
	if err := wait.PollUntilContextTimeout(ctx, settleInterval, settleTimeout, true, allowed); err != nil {
		return fmt.Errorf("the account %s does not get the rights of Crossplane's chart: %w", crossplaneAccount, err)
	}
	return nil
}

// initCrossplane installs Crossplane's own kinds and certificates. It may fail
// when it uses a kind (Lock) that the API server does not serve yet although its
// CustomResourceDefinition was accepted: the CRDs are awaited and it runs again.
func (cp *ControlPlane) initCrossplane(ctx context.Context, path string, env []string) error {
	module, err := build.ModuleDir(ctx, "crossplane", crossplaneModule)
	if err != nil {
		return err
	}
	crds := filepath.Join(module, "cluster", "crds")
	spec := process.Spec{
		Name: "crossplane-init", Path: path, Env: env, NetNS: cp.options.NetNS,
		Args: []string{
			"core", "init",
			"--cr-ds-path=" + crds,
			"--webhook-configurations-path=" + filepath.Join(module, "cluster", "webhookconfigurations"),
			"--enable-webhooks=false",
			"--activation=*",
		},
	}
	first := cp.Group.Run(ctx, spec)
	if first == nil {
		return nil
	}
	definitions, err := ReadManifests(crds)
	if err != nil {
		return errors.Join(first, err)
	}
	for _, definition := range definitions {
		if err := cp.awaitServed(ctx, definition.GetName()); err != nil {
			return errors.Join(first, err)
		}
	}
	return cp.Group.Run(ctx, spec)
}

// readCertificates reads the certificate authority that core init made, and
// writes the client certificate with which the core calls functions to files.
func (x *Crossplane) readCertificates(ctx context.Context) error {
	root, err := x.secret(ctx, rootCASecret)
	if err != nil {
		return err
	}
	x.ca, err = ParseCA(KeyPair{Certificate: root[corev1.TLSCertKey], Key: root[corev1.TLSPrivateKeyKey]})
	if err != nil {
		return err
	}
	files, err := x.secret(ctx, clientTLSSecret)
	if err != nil {
		return err
	}
	return writeFiles(x.clientCerts(), files)
}

func (x *Crossplane) secret(ctx context.Context, name string) (map[string][]byte, error) {
	secret := &corev1.Secret{}
	if err := x.cp.Client.Get(ctx, client.ObjectKey{Namespace: CrossplaneNamespace, Name: name}, secret); err != nil {
		return nil, fmt.Errorf("cannot read the secret %s that core init should have filled: %w", name, err)
	}
	return secret.Data, nil
}

func (x *Crossplane) clientCerts() string { return x.cp.state("crossplane", "client") }

// startRBACManager starts what grants Crossplane the rights to the kinds that
// CompositeResourceDefinitions and providers define. It serves nothing that
// could tell that it is ready.
func (cp *ControlPlane) startRBACManager(ctx context.Context, path string) error {
	kubeconfig, err := cp.WriteServiceAccountKubeconfig(ctx, CrossplaneNamespace, rbacManagerAccount)
	if err != nil {
		return err
	}
	_, err = cp.Group.Start(ctx, process.Spec{
		Name: "crossplane-rbac-manager", Path: path, NetNS: cp.options.NetNS,
		Env:  []string{"KUBECONFIG=" + kubeconfig},
		Args: []string{"rbac", "start", "--provider-clusterrole=crossplane:allowed-provider-permissions"},
	})
	return err
}

func (x *Crossplane) startCore(ctx context.Context, path string, env []string) error {
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return err
	}
	metrics, health := ports[0], ports[1]
	x.MetricsURL = "http://" + local(metrics) + "/metrics"
	_, err = x.cp.Group.Start(ctx, process.Spec{
		Name: "crossplane", Path: path, Env: env, NetNS: x.cp.options.NetNS,
		Args: []string{
			"core", "start",
			"--enable-webhooks=false",
			"--package-runtime=External",
			"--tls-client-certs-dir=" + x.clientCerts(),
			"--xpkg-cache-dir=" + x.cp.state("crossplane", "packages"),
			"--metrics-port=" + strconv.Itoa(metrics),
			"--health-probe-port=" + strconv.Itoa(health),
		},
		Ready: x.cp.answers("http://" + local(health) + "/readyz"),
	})
	return err
}
