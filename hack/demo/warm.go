// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/images"
)

// pullTimeout is for several hundred megabytes from a distant registry.
const pullTimeout = 5 * time.Minute

// MinifluxImages are those that the demo's stack runs, before and after a push.
func (p *Place) MinifluxImages() []string {
	own := exampleRegistry
	if p.OwnNames {
		own = p.Registry
	}
	return []string{
		"docker.io/library/postgres:15", "docker.io/wiremock/wiremock:3.13.2",
		own + "/miniflux:" + Miniflux12[:7], own + "/miniflux:" + Miniflux13[:7],
	}
}

// pushImages makes images and pushes them to the place's registry.
func (p *Place) pushImages(ctx context.Context, names ...string) error {
	for _, name := range names {
		img, err := images.Build(ctx, name)
		if err != nil {
			return err
		}
		path, err := images.Path(name)
		if err != nil {
			return err
		}
		push := func(ctx context.Context) error { return images.Push(ctx, img, p.Registry+"/"+path) }
		if err := build.Step(ctx, "pushing "+p.Registry+"/"+path, push); err != nil {
			return err
		}
	}
	return nil
}

// Pull has a node pull images, so that what is measured later does not depend on
// who came first. It uses a pod in the given namespace for it.
func (p *Place) Pull(ctx context.Context, namespace string, refs ...string) error {
	if err := p.EnsureNamespace(ctx, namespace); err != nil {
		return err
	}
	pod := pullPod(namespace, refs)
	if err := p.Client.Create(ctx, pod); err != nil {
		return fmt.Errorf("cannot pull images: %w", err)
	}
	defer func() { _ = p.Client.Delete(context.WithoutCancel(ctx), pod) }()
	pulled := func(ctx context.Context) (bool, error) {
		if err := p.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod); err != nil {
			return false, err
		}
		for _, s := range pod.Status.ContainerStatuses {
			if w := s.State.Waiting; w != nil && w.Reason == "ContainerCreating" {
				return false, nil
			}
			if w := s.State.Waiting; w != nil && (w.Reason == "ErrImagePull" || w.Reason == "ImagePullBackOff") {
				return false, fmt.Errorf("image %s: %s", s.Image, w.Message)
			}
		}
		return len(pod.Status.ContainerStatuses) == len(refs), nil
	}
	if err := wait.PollUntilContextTimeout(ctx, interval, pullTimeout, true, pulled); err != nil {
		return fmt.Errorf("cannot pull images: %w", err)
	}
	return nil
}

// pullPod runs a program that no image has: a container then fails to start as
// soon as its image is there.
func pullPod(namespace string, refs []string) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "pull-images-"}}
	pod.Spec.RestartPolicy = corev1.RestartPolicyNever
	pod.Spec.TerminationGracePeriodSeconds = new(int64)
	for i, ref := range refs {
		pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{
			Name: "image-" + strconv.Itoa(i), Image: ref, Command: []string{"/pulled-and-not-run"},
		})
	}
	return pod
}
