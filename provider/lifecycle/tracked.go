// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// How Argo CD marks what it tracks. Which of them counts is configured there;
// any of them is reason enough not to delete.
const (
	annotationTracking = "argocd.argoproj.io/tracking-id"
	labelInstance      = "app.kubernetes.io/instance"
	labelArgoInstance  = "argocd.argoproj.io/instance"
)

var applications = schema.GroupVersionKind{Group: "argoproj.io", Version: "v1alpha1", Kind: "ApplicationList"}

// An application is one of Argo CD's.
type application struct {
	// namespace is empty when it is in whichever Argo CD itself runs in.
	namespace, name string
}

// applicationsOf are those that an object says it is tracked by.
func applicationsOf(o client.Object) []application {
	var all []application
	add := func(instance string) {
		if instance == "" {
			return
		}
		// Applications of other namespaces are called namespace_name.
		namespace, name, inAny := strings.Cut(instance, "_")
		if !inAny {
			namespace, name = "", instance
		}
		all = append(all, application{namespace: namespace, name: name})
	}
	if app, of, ok := strings.Cut(o.GetAnnotations()[annotationTracking], ":"); ok && of == trackingOf(o) {
		add(app)
	}
	add(o.GetLabels()[labelInstance])
	add(o.GetLabels()[labelArgoInstance])
	return all
}

// trackingOf is what a tracking id says of the object itself. An object that was
// copied with its annotations carries another one's, which Argo CD ignores.
func trackingOf(o client.Object) string {
	gvk := o.GetObjectKind().GroupVersionKind()
	return fmt.Sprintf("%s/%s:%s/%s", gvk.Group, gvk.Kind, o.GetNamespace(), o.GetName())
}

// trackedBy says by what living Application an object would be made anew; empty
// if by none.
func (v *visit) trackedBy(ctx context.Context, o client.Object) (string, error) {
	for _, app := range applicationsOf(o) {
		found := &metav1.PartialObjectMetadataList{}
		found.SetGroupVersionKind(applications)
		err := v.live.List(ctx, found, client.InNamespace(app.namespace), client.MatchingFields{"metadata.name": app.name})
		switch {
		case absent(err):
			return "", nil
		case apierrors.IsForbidden(err):
			return fmt.Sprintf("it names Argo CD Application %s, and the provider may not look for it (list applications.argoproj.io)", app.name), nil
		case err != nil:
			return "", fmt.Errorf("cannot look for Argo CD Application %s: %w", app.name, err)
		}
		for i := range found.Items {
			if living := &found.Items[i]; !meta.WasDeleted(living) {
				return fmt.Sprintf("Argo CD Application %s/%s tracks it and would make it anew", living.Namespace, living.Name), nil
			}
		}
	}
	return "", nil
}

// absent: the object is not there, or not even its kind.
func absent(err error) bool { return apierrors.IsNotFound(err) || apimeta.IsNoMatchError(err) }
