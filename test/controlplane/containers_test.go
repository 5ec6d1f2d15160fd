// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// firstContainer is the container of a service, as its Deployment has it.
func firstContainer(ctx context.Context, s stack, service string) (corev1.Container, error) {
	d, err := get(ctx, s, service, &appsv1.Deployment{})
	if err != nil {
		return corev1.Container{}, err
	}
	return d.Spec.Template.Spec.Containers[0], nil
}

// podsOf are the pods of a part that are not on their way out.
func podsOf(ctx context.Context, s stack, name string) ([]corev1.Pod, error) {
	pods := &corev1.PodList{}
	if err := shared.List(ctx, pods, client.InNamespace(s.Status.Namespace), client.MatchingLabels{v1alpha1.LabelName: name}); err != nil {
		return nil, err
	}
	var living []corev1.Pod
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil {
			living = append(living, pod)
		}
	}
	return living, nil
}

// equal checks a value.
func equal[T any](what string, want, got T) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("%s: -want, +got:\n%s", what, diff)
	}
	return nil
}
