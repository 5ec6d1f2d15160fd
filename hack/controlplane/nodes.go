// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/process"
)

// NodeLabel marks the nodes that KWOK plays.
const NodeLabel = "microstaging.dev/kwok"

// startNodes starts KWOK and waits until its nodes are Ready.
func (cp *ControlPlane) startNodes(ctx context.Context, path string) error {
	spec, err := cp.kwok(ctx, path)
	if err != nil {
		return err
	}
	if _, err := cp.Group.Start(ctx, spec); err != nil {
		return err
	}
	for n := range cp.options.Nodes {
		node := &corev1.Node{}
		node.Name = fmt.Sprintf("kwok-%d", n)
		node.Labels = map[string]string{NodeLabel: "true", corev1.LabelHostname: node.Name, corev1.LabelOSStable: "linux"}
		if err := cp.Client.Create(ctx, node); err != nil {
			return fmt.Errorf("cannot make node %s: %w", node.Name, err)
		}
	}
	if err := wait.PollUntilContextTimeout(ctx, settleInterval, settleTimeout, true, cp.nodesReady); err != nil {
		return fmt.Errorf("the nodes are not Ready; KWOK's log is in %s: %w", cp.Group.LogDir(), err)
	}
	return nil
}

// kwok plays all kubelets, with the stages its own module has for a fast
// cluster. It has the administrator's rights, as it stands for every node.
func (cp *ControlPlane) kwok(ctx context.Context, path string) (process.Spec, error) {
	module, err := build.ModuleDir(ctx, "kwok", "sigs.k8s.io/kwok")
	if err != nil {
		return process.Spec{}, err
	}
	spec := process.Spec{
		Name: "kwok", Path: path, NetNS: cp.options.NetNS,
		Args: []string{
			"--kubeconfig=" + cp.Kubeconfig(),
			"--manage-nodes-with-label-selector=" + NodeLabel + "=true",
			"--node-lease-duration-seconds=40",
			"--cidr=" + cp.options.PodCIDR,
		},
	}
	stages := []string{
		"node/fast/node-initialize.yaml",
		"node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
		"pod/fast/pod-ready.yaml",
		"pod/fast/pod-complete.yaml",
		"pod/fast/pod-delete.yaml",
	}
	for _, stage := range stages {
		spec.Args = append(spec.Args, "--config="+filepath.Join(module, "kustomize", "stage", stage))
	}
	faults, err := cp.writeFaultStages()
	if err != nil {
		return process.Spec{}, err
	}
	for _, stage := range append([]string{faults}, cp.options.Stages...) {
		spec.Args = append(spec.Args, "--config="+stage)
	}
	return spec, nil
}

func (cp *ControlPlane) nodesReady(ctx context.Context) (bool, error) {
	nodes := &corev1.NodeList{}
	if err := cp.Client.List(ctx, nodes, client.MatchingLabels{NodeLabel: "true"}); err != nil {
		return false, err
	}
	return !slices.ContainsFunc(nodes.Items, func(n corev1.Node) bool { return !isReady(n) }), nil
}

func isReady(node corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
