// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// What may be left of a stack, by resource. Receipts are there to stay.
var (
	nothingAtAll = []string{"stackreceipts"}
	onlyLease    = []string{"stackreceipts", "stackleases", "xpreviewstacks"}
)

// leavesNothing waits until nothing is left of the stack but some kinds, by a
// count that shares no code with the one that writes receipts.
func (l *life) leavesNothing(but []string) {
	l.t.Helper()
	l.insist("nothing is left of the stack", func(ctx context.Context) error {
		left, err := leftovers(ctx, l.was, but)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fmt.Errorf("left of the stack: %s", strings.Join(left, ", "))
		}
		return absent(ctx, l.was, l.was.Status.Namespace, &corev1.Namespace{})
	})
}

// leftovers lists what there is of a stack in every kind of the cluster: what
// carries one of its labels, what is in its namespace, and volumes that were
// claimed from there.
func leftovers(ctx context.Context, s stack, but []string) ([]string, error) {
	config := shared.cp.RESTConfig()
	config.WarningHandler = rest.NoWarnings{} // That some kinds are deprecated is no news here.
	lists, err := discovery.NewDiscoveryClientForConfigOrDie(config).ServerPreferredResources()
	if err != nil {
		return nil, err
	}
	reader, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	var left []string
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for _, kind := range list.APIResources {
			if !slices.Contains(kind.Verbs, "list") || slices.Contains(but, kind.Name) {
				continue
			}
			found, err := ofStack(ctx, reader.Resource(version.WithResource(kind.Name)), kind, s)
			if err != nil {
				return nil, err
			}
			left = append(left, found...)
		}
	}
	volumes, err := volumesOf(ctx, s.Status.Namespace)
	return append(left, volumes...), err
}

// ofStack lists the objects of one kind that are of a stack.
func ofStack(ctx context.Context, kind metadata.Getter, resource metav1.APIResource, s stack) ([]string, error) {
	found := map[string]bool{}
	look := func(in metadata.ResourceInterface, selector string) error {
		list, err := in.List(ctx, metav1.ListOptions{LabelSelector: selector})
		if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
			return nil // The kind went since it was discovered.
		}
		if err != nil {
			return fmt.Errorf("cannot list %s: %w", resource.Name, err)
		}
		for _, o := range list.Items {
			found[resource.Name+" "+o.Name] = true
		}
		return nil
	}
	for label, value := range map[string]string{v1alpha1.LabelStack: s.Status.Namespace, "crossplane.io/composite": s.composite} {
		if err := look(kind, label+"="+value); err != nil {
			return nil, err
		}
	}
	if resource.Namespaced {
		if err := look(kind.Namespace(s.Status.Namespace), ""); err != nil {
			return nil, err
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// volumesOf lists those that were made for claims of a namespace: no label of
// ours tells.
func volumesOf(ctx context.Context, namespace string) ([]string, error) {
	volumes := &corev1.PersistentVolumeList{}
	if err := shared.List(ctx, volumes); err != nil {
		return nil, err
	}
	var left []string
	for _, volume := range volumes.Items {
		if ref := volume.Spec.ClaimRef; ref != nil && ref.Namespace == namespace {
			left = append(left, "persistentvolumes "+volume.Name)
		}
	}
	return left, nil
}

// proves waits for the receipt of the stack's last end, and checks that all its
// receipts say that nothing is left.
func (l *life) proves(event lifecyclev1alpha1.ReceiptEvent) {
	l.t.Helper()
	l.insist(fmt.Sprintf("a receipt proves that it was %s", strings.ToLower(string(event))), func(ctx context.Context) error {
		receipts := &lifecyclev1alpha1.StackReceiptList{}
		if err := shared.List(ctx, receipts); err != nil {
			return err
		}
		proven := false
		for _, receipt := range receipts.Items {
			if receipt.Spec.Composite.Name != l.was.composite {
				continue
			}
			if err := isClean(receipt.Spec); err != nil {
				return fmt.Errorf("receipt %s: %w", receipt.Name, err)
			}
			proven = proven || receipt.Spec.Event == event
		}
		if !proven {
			return fmt.Errorf("none of %d receipts is of %s", len(receipts.Items), l.was.composite)
		}
		return nil
	})
}

func isClean(r lifecyclev1alpha1.StackReceiptSpec) error {
	return first(
		equal("outcome", lifecyclev1alpha1.OutcomeClean, r.Outcome),
		equal("objects left", 0, r.Left),
		equal("leftovers", 0, len(r.Leftovers)),
	)
}
