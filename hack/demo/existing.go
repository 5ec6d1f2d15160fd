// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// defaultDomain is the one of a Gateway that takes any host. Browsers take names
// below .localhost for this machine.
const defaultDomain = "preview.localhost"

// Existing is the cluster of the current kubeconfig context. What it lacks is an
// error that says how to install it. The registry is one that this machine may
// push to and the cluster may pull from.
func Existing(ctx context.Context, registry string) (*Place, error) {
	if registry == "" {
		return nil, errors.New("cannot use the existing cluster: it needs a registry that you may push to and the cluster may pull from; name it, for example: make demo CLUSTER=existing REGISTRY=ghcr.io/acme")
	}
	rest, err := config.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("cannot use the existing cluster: %w; choose one with kubectl config use-context", err)
	}
	c, err := newClient(rest)
	if err != nil {
		return nil, err
	}
	gateway, err := check(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("cannot use the existing cluster: %w", err)
	}
	return &Place{Client: c, Config: rest, Registry: strings.TrimSuffix(registry, "/"), Gateway: gateway, OwnNames: true}, nil
}

// check finds all that is missing, and the gateway.
func check(ctx context.Context, c client.Client) (Gateway, error) {
	gateway, missing := findGateway(ctx, c)
	return gateway, errors.Join(findCrossplane(ctx, c), missing, findStorage(ctx, c))
}

func findCrossplane(ctx context.Context, c client.Client) error {
	const install = "helm install crossplane crossplane --repo https://charts.crossplane.io/stable --version 2.4.0 --namespace crossplane-system --create-namespace --wait"
	err := c.Get(ctx, client.ObjectKey{Name: "configurations.pkg.crossplane.io"}, &apiextensionsv1.CustomResourceDefinition{})
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("it does not run Crossplane; install it:\n  %s", install)
	}
	if err != nil {
		return fmt.Errorf("cannot look for Crossplane: %w", err)
	}
	all := &appsv1.DeploymentList{}
	if err := c.List(ctx, all, client.MatchingLabels{"app": "crossplane"}); err != nil {
		return fmt.Errorf("cannot look for Crossplane: %w", err)
	}
	for _, d := range all.Items {
		if d.Status.AvailableReplicas > 0 {
			return nil
		}
	}
	return errors.New("no pod of Crossplane is ready; see what it waits for:\n  kubectl get pods --all-namespaces --selector app=crossplane")
}

func findStorage(ctx context.Context, c client.Client) error {
	classes := &storagev1.StorageClassList{}
	if err := c.List(ctx, classes); err != nil {
		return fmt.Errorf("cannot look for storage: %w", err)
	}
	for _, class := range classes.Items {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			return nil
		}
	}
	if len(classes.Items) > 0 {
		return fmt.Errorf("it has no default StorageClass; make one of its own the default:\n  kubectl annotate storageclass %s storageclass.kubernetes.io/is-default-class=true", classes.Items[0].Name)
	}
	return errors.New("it has no StorageClass; install one, for example:\n  kubectl apply -f https://raw.githubusercontent.com/rancher/local-path-provisioner/v0.0.32/deploy/local-path-storage.yaml\n  kubectl annotate storageclass local-path storageclass.kubernetes.io/is-default-class=true")
}

// findGateway takes the first Gateway that serves plain HTTP to routes of all
// namespaces.
func findGateway(ctx context.Context, c client.Client) (Gateway, error) {
	gateways := &gatewayv1.GatewayList{}
	err := c.List(ctx, gateways)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return Gateway{}, errors.New("it has no Gateway API; install it and a gateway, for example:\n  helm install eg oci://docker.io/envoyproxy/gateway-helm --version v1.5.4 --namespace envoy-gateway-system --create-namespace --wait\nthen make a Gateway with an HTTP listener for routes of all namespaces")
	}
	if err != nil {
		return Gateway{}, fmt.Errorf("cannot look for a gateway: %w", err)
	}
	for _, g := range gateways.Items {
		for _, l := range g.Spec.Listeners {
			if usable(g, l) {
				return gatewayOf(g, l), nil
			}
		}
	}
	return Gateway{}, fmt.Errorf("none of its %d Gateways has an address and an HTTP listener with allowedRoutes.namespaces.from: All; see what they wait for:\n  kubectl get gateways --all-namespaces", len(gateways.Items))
}

func usable(g gatewayv1.Gateway, l gatewayv1.Listener) bool {
	open := l.AllowedRoutes != nil && l.AllowedRoutes.Namespaces != nil && l.AllowedRoutes.Namespaces.From != nil &&
		*l.AllowedRoutes.Namespaces.From == gatewayv1.NamespacesFromAll
	wildcard := l.Hostname == nil || strings.HasPrefix(string(*l.Hostname), "*.")
	return open && wildcard && l.Protocol == gatewayv1.HTTPProtocolType && len(g.Status.Addresses) > 0
}

func gatewayOf(g gatewayv1.Gateway, l gatewayv1.Listener) Gateway {
	domain := defaultDomain
	if l.Hostname != nil {
		domain = strings.TrimPrefix(string(*l.Hostname), "*.")
	}
	return Gateway{
		Namespace: g.Namespace, Name: g.Name, Domain: domain, Port: l.Port,
		Address: net.JoinHostPort(g.Status.Addresses[0].Value, strconv.Itoa(int(l.Port))),
	}
}
