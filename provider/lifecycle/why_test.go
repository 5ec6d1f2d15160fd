// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhyObject(t *testing.T) {
	cases := map[string]struct {
		reason     string
		deleted    bool
		finalizers []string
		synced     string
		want       string
	}{
		"Forgotten": {"Somebody has to ask.", false, []string{"example.com/hold"}, "", "nobody asked it to go"},
		"Going":     {"Time may help.", true, nil, "", "it is going: nothing holds it"},
		"Claim":     {"Who uses the volume is the one to look at.", true, []string{"kubernetes.io/pvc-protection"}, "", "held by finalizer kubernetes.io/pvc-protection: a pod still uses it"},
		"Stranger":  {"An unknown finalizer is named.", true, []string{"example.com/hold"}, "", "held by finalizer example.com/hold: whoever put it there has not taken it off"},
		"Managed":   {"The provider knows why.", true, []string{finalizerManaged}, "cannot drop database: in use", "held by finalizer finalizer.managedresource.crossplane.io: its provider says: cannot drop database: in use"},
		"Silent":    {"A provider that says nothing may not run.", true, []string{finalizerManaged}, "", "held by finalizer finalizer.managedresource.crossplane.io: its provider has not removed what is behind it; is it running?"},
		"Several":   {"All have to let go.", true, []string{"foregroundDeletion", "example.com/hold"}, "", "held by finalizer foregroundDeletion: what it owns is not gone; example.com/hold: whoever put it there has not taken it off"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			o := &metav1.ObjectMeta{Finalizers: tc.finalizers}
			if tc.deleted {
				o.DeletionTimestamp = at(0)
			}
			if diff := cmp.Diff(tc.want, whyObject(o, tc.synced)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestWhyNamespace(t *testing.T) {
	is := func(kind corev1.NamespaceConditionType, status corev1.ConditionStatus, message string) corev1.NamespaceCondition {
		return corev1.NamespaceCondition{Type: kind, Status: status, Message: message}
	}
	cases := map[string]struct {
		reason     string
		deleted    bool
		conditions []corev1.NamespaceCondition
		want       string
	}{
		"Forgotten": {"Somebody has to ask.", false, nil, "nobody asked it to go"},
		"Going":     {"Time may help.", true, []corev1.NamespaceCondition{is(corev1.NamespaceContentRemaining, corev1.ConditionFalse, "All content successfully removed")}, "it is going: Kubernetes is deleting what is in it"},
		"Content": {"What is in it is named, and what holds that.", true, []corev1.NamespaceCondition{
			is(corev1.NamespaceFinalizersRemaining, corev1.ConditionTrue, "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"),
			is(corev1.NamespaceContentRemaining, corev1.ConditionTrue, "Some resources are remaining: configmaps. has 1 resource instances"),
		}, "it is going, and not gone: Some resources are remaining: configmaps. has 1 resource instances; Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"},
		"Discovery": {"An aggregated API that is down holds every namespace of the cluster.", true, []corev1.NamespaceCondition{
			is(corev1.NamespaceDeletionDiscoveryFailure, corev1.ConditionTrue, "Discovery failed for some groups, 1 failing: metrics.k8s.io/v1beta1"),
		}, "it is going, and not gone: Kubernetes cannot tell what is in it, most likely because an aggregated API does not answer (kubectl get apiservices): Discovery failed for some groups, 1 failing: metrics.k8s.io/v1beta1"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			namespace := &corev1.Namespace{Status: corev1.NamespaceStatus{Conditions: tc.conditions}}
			if tc.deleted {
				namespace.DeletionTimestamp = at(0)
			}
			if diff := cmp.Diff(tc.want, whyNamespace(namespace)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestWhyVolume(t *testing.T) {
	cases := map[string]struct {
		reason string
		policy corev1.PersistentVolumeReclaimPolicy
		phase  corev1.PersistentVolumePhase
		want   string
	}{
		"Retain":   {"Nobody but a person will delete it.", corev1.PersistentVolumeReclaimRetain, corev1.VolumeReleased, "its reclaim policy is Retain, so Kubernetes keeps it: delete it, and what it stands for"},
		"Failed":   {"The driver knows why.", corev1.PersistentVolumeReclaimDelete, corev1.VolumeFailed, "its storage driver cannot delete it: disk is busy"},
		"Released": {"The driver's turn.", corev1.PersistentVolumeReclaimDelete, corev1.VolumeReleased, "its storage driver has not deleted it"},
		"Bound":    {"The claim goes first.", corev1.PersistentVolumeReclaimDelete, corev1.VolumeBound, "its claim is not gone"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			volume := &corev1.PersistentVolume{}
			volume.Spec.PersistentVolumeReclaimPolicy, volume.Status.Phase, volume.Status.Message = tc.policy, tc.phase, "disk is busy"
			if diff := cmp.Diff(tc.want, whyVolume(volume)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
