// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A Search says where was looked for what is left of a stack.
type Search struct {
	// Kinds that the API server can list.
	Kinds int

	// Left are objects that belong to the stack, as kind namespace/name.
	Left []string
}

// AwaitNothing looks for what is left of a stack until nothing is. Volumes are
// removed by their driver after the namespace is gone, hence the wait.
func (p *Place) AwaitNothing(ctx context.Context, namespace string, timeout time.Duration) (Search, error) {
	var last Search
	err := wait.PollUntilContextTimeout(ctx, interval, timeout, true, func(ctx context.Context) (bool, error) {
		var err error
		last, err = p.Leftovers(ctx, namespace)
		return len(last.Left) == 0, err
	})
	if err != nil {
		return last, fmt.Errorf("something is left of %s: %w: %s", namespace, err, strings.Join(last.Left, ", "))
	}
	return last, nil
}

// Leftovers looks for what is left of a stack: its namespace and all in it, the
// volumes of its claims, and whatever carries its label, of any kind.
func (p *Place) Leftovers(ctx context.Context, namespace string) (Search, error) {
	kinds, err := p.listable()
	if err != nil {
		return Search{}, err
	}
	found := Search{Kinds: len(kinds)}
	reader, err := metadata.NewForConfig(p.Config)
	if err != nil {
		return found, fmt.Errorf("cannot look for what is left: %w", err)
	}
	for _, kind := range kinds {
		list, err := reader.Resource(kind).List(ctx, metav1.ListOptions{LabelSelector: v1alpha1.LabelStack + "=" + namespace})
		if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
			continue // It went since it was discovered.
		}
		if err != nil {
			return found, fmt.Errorf("cannot look for what is left among %s: %w", kind.Resource, err)
		}
		for _, o := range list.Items {
			found.Left = append(found.Left, kind.Resource+" "+strings.TrimPrefix(o.Namespace+"/"+o.Name, "/"))
		}
	}
	volumes, err := p.volumes(ctx, namespace)
	found.Left = append(found.Left, volumes...)
	return found, err
}

// volumes lists those that were made for claims of a namespace. They carry no
// label of ours: their driver makes them.
func (p *Place) volumes(ctx context.Context, namespace string) ([]string, error) {
	all := &corev1.PersistentVolumeList{}
	if err := p.Client.List(ctx, all); err != nil {
		return nil, fmt.Errorf("cannot look for volumes: %w", err)
	}
	var left []string
	for _, v := range all.Items {
		if v.Spec.ClaimRef != nil && v.Spec.ClaimRef.Namespace == namespace {
			left = append(left, "persistentvolumes "+v.Name)
		}
	}
	err := p.Client.Get(ctx, client.ObjectKey{Name: namespace}, &corev1.Namespace{})
	if err == nil {
		left = append(left, "namespaces "+namespace)
	}
	return left, client.IgnoreNotFound(err)
}

// listable are all kinds that can be listed, each in its preferred version.
func (p *Place) listable() ([]schema.GroupVersionResource, error) {
	d, err := discovery.NewDiscoveryClientForConfig(p.Config)
	if err != nil {
		return nil, fmt.Errorf("cannot ask for the kinds that there are: %w", err)
	}
	lists, err := d.ServerPreferredResources()
	if err != nil {
		return nil, fmt.Errorf("cannot ask for the kinds that there are: %w", err)
	}
	var kinds []schema.GroupVersionResource
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") && !strings.Contains(r.Name, "/") {
				kinds = append(kinds, version.WithResource(r.Name))
			}
		}
	}
	return kinds, nil
}
