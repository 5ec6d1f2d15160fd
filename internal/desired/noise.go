// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"reflect"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// silentWhenZero lists the struct types whose zero value says nothing wherever
// it stands. They are embedded by value in the Kubernetes types, so
// encoding/json writes them as {} or null even where they are omitempty.
//
// Selectors, volume sources and peers must never be added: there {} means
// "everything" or "with the defaults".
var silentWhenZero = map[reflect.Type]bool{
	reflect.TypeFor[metav1.ObjectMeta]():                 true, // template.metadata: {}
	reflect.TypeFor[corev1.NamespaceSpec]():              true, // spec: {}
	reflect.TypeFor[corev1.ResourceRequirements]():       true, // containers[].resources: {}
	reflect.TypeFor[corev1.VolumeResourceRequirements](): true, // volumeClaim.spec.resources: {}
	reflect.TypeFor[appsv1.DeploymentStrategy]():         true, // strategy: {}
	reflect.TypeFor[appsv1.StatefulSetUpdateStrategy]():  true, // updateStrategy: {}
	reflect.TypeFor[appsv1.DaemonSetUpdateStrategy]():    true, // updateStrategy: {}

	// A claim template carries a status that is not at the top of the object.
	reflect.TypeFor[corev1.PersistentVolumeClaimStatus](): true,
}

// creationTimestamp is dropped from every ObjectMeta while it is zero: older
// API types write it as null.
var creationTimestamp = reflect.TypeFor[metav1.Time]()

// silent tells whether a zero value in this member is noise.
func silent(parent reflect.Type, f reflect.StructField) bool {
	if parent == reflect.TypeFor[metav1.ObjectMeta]() {
		return f.Type == creationTimestamp
	}
	return silentWhenZero[f.Type]
}

// statusMember is never desired of a composed resource. Crossplane ignores it,
// and an empty one would be noise in every object.
const statusMember = "status"
