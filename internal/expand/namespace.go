// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// podSecurityLabel begins the labels of Pod Security Admission.
const podSecurityLabel = "pod-security.kubernetes.io/"

// MakeNamespace makes the namespace that everything else of the stack is in.
func MakeNamespace(s *stack.Stack) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name:        s.Namespace,
			Labels:      merged(partLabels(s, whole), ownerLabels(s), podSecurityLabels(s)),
			Annotations: ownerAnnotations(s),
		},
	}
}

// ownerLabels say whose the stack is and what it shows. Only the namespace has
// them: on every object, a push would update every object.
func ownerLabels(s *stack.Stack) map[string]string {
	labels := map[string]string{
		v1alpha1.LabelClaimName:  names.LabelValue(s.Identity.ClaimName),
		v1alpha1.LabelRepository: names.LabelValue(s.Source.Repository),
		v1alpha1.LabelRevision:   names.LabelValue(s.Source.Revision),
		v1alpha1.LabelClass:      names.LabelValue(s.ClassName),
	}
	if ns := s.Identity.ClaimNamespace; ns != "" {
		labels[v1alpha1.LabelClaimNamespace] = names.LabelValue(ns)
	}
	if pr := s.Source.PullRequest; pr != nil {
		labels[v1alpha1.LabelPullRequest] = strconv.FormatInt(*pr, 10)
	}
	return labels
}

func ownerAnnotations(s *stack.Stack) map[string]string {
	annotations := map[string]string{v1alpha1.AnnotationRepository: s.Source.Repository}
	if s.Source.Branch != "" {
		annotations[v1alpha1.AnnotationBranch] = s.Source.Branch
	}
	if s.Source.Author != "" {
		annotations[v1alpha1.AnnotationAuthor] = s.Source.Author
	}
	return annotations
}

// podSecurityLabels enforce the class's level. Audit and warn are set too, or
// a cluster's own defaults could warn of what the class allows.
func podSecurityLabels(s *stack.Stack) map[string]string {
	level := strings.ToLower(string(podSecurityLevel(s)))
	labels := map[string]string{}
	for _, mode := range []string{"enforce", "audit", "warn"} {
		labels[podSecurityLabel+mode] = level
		labels[podSecurityLabel+mode+"-version"] = "latest"
	}
	return labels
}

// podSecurityLevel is Restricted unless the class says otherwise.
func podSecurityLevel(s *stack.Stack) v1alpha1.PodSecurityLevel {
	if s.Class.PodSecurity.Level == v1alpha1.PodSecurityBaseline {
		return v1alpha1.PodSecurityBaseline
	}
	return v1alpha1.PodSecurityRestricted
}
