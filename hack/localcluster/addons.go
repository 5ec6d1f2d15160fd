// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
)

const (
	// addonTimeout is generous: two cores may be compiling next to us.
	addonTimeout  = 3 * time.Minute
	addonInterval = 100 * time.Millisecond
)

// addons are the Deployments that make the cluster complete.
var addons = []client.ObjectKey{
	{Namespace: "kube-system", Name: "coredns"},
	{Namespace: "storage-system", Name: "provisioner"},
	{Namespace: crossplaneNamespace, Name: "crossplane"},
	{Namespace: crossplaneNamespace, Name: "crossplane-rbac-manager"},
	{Namespace: "gateway-system", Name: "traefik"},
	{Namespace: kedaNamespace, Name: "keda-operator"},
	{Namespace: kedaNamespace, Name: "interceptor"},
	{Namespace: kedaNamespace, Name: "external-scaler"},
	{Namespace: kedaNamespace, Name: "keda-http-operator"},
}

// startAddons starts what runs as pods, and waits for all of it: a Crossplane
// that is asked for a package before names resolve tries again only a minute
// later.
func (c *Cluster) startAddons(ctx context.Context) error {
	// Crossplane takes longest, so it comes early.
	for _, apply := range []func(context.Context) error{c.applyDNS, c.applyCrossplane, c.applyStorage, c.applyGateway, c.applyKEDA, c.applySleep} {
		if err := apply(ctx); err != nil {
			return err
		}
	}
	return c.awaitDeployments(ctx, addons)
}

func (c *Cluster) applyDNS(ctx context.Context) error { return c.applyManifest(ctx, "dns.yaml") }

func (c *Cluster) applyStorage(ctx context.Context) error {
	return c.applyManifest(ctx, "storage.yaml")
}

// applyGateway installs the Gateway API, in the release that the gateway was
// built for, and the gateway.
func (c *Cluster) applyGateway(ctx context.Context) error {
	module, err := build.ModuleDir(ctx, "traefik", "sigs.k8s.io/gateway-api")
	if err != nil {
		return err
	}
	if err := c.control.ApplyFiles(ctx, filepath.Join(module, "config", "crd", "standard")); err != nil {
		return err
	}
	return c.applyManifest(ctx, "gateway.yaml")
}

// applyManifest fills in one of our own manifests, keeps it for people who look
// for what was applied, and applies it.
func (c *Cluster) applyManifest(ctx context.Context, name string) error {
	path := c.file("manifests", name)
	if err := c.values().render("manifests/"+name, path); err != nil {
		return err
	}
	return c.control.ApplyFiles(ctx, path)
}

const crossplaneNamespace = "crossplane-system"

// applyCrossplane installs Crossplane by its own chart, with the roles that the
// chart gives it: it never is cluster administrator.
func (c *Cluster) applyCrossplane(ctx context.Context) error {
	helm, err := build.Tool(ctx, "helm")
	if err != nil {
		return err
	}
	module, err := build.ModuleDir(ctx, "crossplane", "github.com/crossplane/crossplane/v2")
	if err != nil {
		return err
	}
	values := c.file("crossplane.yaml")
	if err := c.values().render("config/crossplane.yaml", values); err != nil {
		return err
	}
	chart := filepath.Join(module, "cluster", "charts", "crossplane")
	rendered, err := run(ctx, helm, "template", "crossplane", chart, "--namespace", crossplaneNamespace, "--values", values)
	if err != nil {
		return fmt.Errorf("cannot render Crossplane's chart: %w", err)
	}
	path := c.file("manifests", "crossplane.yaml")
	if err := os.WriteFile(path, []byte(rendered), 0o644); err != nil {
		return fmt.Errorf("cannot keep Crossplane's manifests: %w", err)
	}
	if err := c.control.EnsureNamespace(ctx, crossplaneNamespace); err != nil {
		return err
	}
	return c.control.ApplyFiles(ctx, path)
}

// awaitDeployments waits until each has all of its replicas. An error says what
// the first one that has not waits for.
func (c *Cluster) awaitDeployments(ctx context.Context, keys []client.ObjectKey) error {
	for _, key := range keys {
		complete := func(ctx context.Context) (bool, error) {
			deployment := &appsv1.Deployment{}
			if err := c.control.Client.Get(ctx, key, deployment); err != nil {
				return false, err
			}
			return deployment.Status.ObservedGeneration >= deployment.Generation && deployment.Status.AvailableReplicas > 0, nil
		}
		if err := wait.PollUntilContextTimeout(ctx, addonInterval, addonTimeout, true, complete); err != nil {
			return fmt.Errorf("%s does not come up: %w%s", key, err, c.explain(context.WithoutCancel(ctx), key.Namespace))
		}
	}
	return nil
}

// explain says what the containers of a namespace wait for.
func (c *Cluster) explain(ctx context.Context, namespace string) string {
	pods := &corev1.PodList{}
	if err := c.control.Client.List(ctx, pods, client.InNamespace(namespace)); err != nil {
		return ": " + err.Error()
	}
	var says strings.Builder
	for _, pod := range pods.Items {
		fmt.Fprintf(&says, "\npod %s is %s", pod.Name, pod.Status.Phase)
		for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			if waiting := status.State.Waiting; waiting != nil {
				fmt.Fprintf(&says, "; %s waits: %s %s", status.Name, waiting.Reason, waiting.Message)
			}
			if last := status.LastTerminationState.Terminated; last != nil {
				fmt.Fprintf(&says, "; %s ended before: %s (status %d) %s", status.Name, last.Reason, last.ExitCode, last.Message)
			}
		}
	}
	return says.String() + c.warnings(ctx, namespace)
}

// warnings are the last warnings of a namespace: only events tell why a pod has
// no network or no volume.
func (c *Cluster) warnings(ctx context.Context, namespace string) string {
	const last = 3
	events := &corev1.EventList{}
	if err := c.control.Client.List(ctx, events, client.InNamespace(namespace)); err != nil {
		return ": " + err.Error()
	}
	warnings := slices.DeleteFunc(events.Items, func(e corev1.Event) bool { return e.Type != corev1.EventTypeWarning })
	slices.SortFunc(warnings, func(a, b corev1.Event) int { return a.LastTimestamp.Compare(b.LastTimestamp.Time) })
	var says strings.Builder
	for _, event := range warnings[max(0, len(warnings)-last):] {
		fmt.Fprintf(&says, "\n%s %s: %s: %s", event.InvolvedObject.Kind, event.InvolvedObject.Name, event.Reason, event.Message)
	}
	return says.String()
}
