// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Condition types that Kubernetes and Crossplane agree on.
const (
	typeReady  = "Ready"
	typeSynced = "Synced"
)

type conditionView struct {
	Status struct {
		ObservedGeneration int64              `json:"observedGeneration"`
		Conditions         []metav1.Condition `json:"conditions"`
	} `json:"status"`
}

func find(conditions []metav1.Condition, conditionType string) (metav1.Condition, bool) {
	for _, c := range conditions {
		if c.Type == conditionType {
			return c, true
		}
	}
	return metav1.Condition{}, false
}

// managed is for Crossplane's managed resources, which say in Synced whether
// the provider can act at all, and in Ready whether the thing is there.
func managed(o Observed, _ Options) Result {
	var v conditionView
	if err := o.Decode(&v, "status.conditions"); err != nil {
		return unreadable(err)
	}
	if synced, ok := find(v.Status.Conditions, typeSynced); ok && synced.Status == metav1.ConditionFalse {
		return waiting(because("cannot be reconciled", synced))
	}
	is, ok := find(v.Status.Conditions, typeReady)
	if !ok {
		return waiting("has not been seen by its provider yet")
	}
	return byReady(is)
}

// conditioned is for all kinds without a rule of their own.
func conditioned(o Observed) Result {
	var v conditionView
	if err := o.Decode(&v, "status.observedGeneration", "status.conditions"); err != nil {
		// Its conditions are no conditions as Kubernetes has them: all that
		// can be said is that it exists.
		return ready(o.CreatedAt())
	}
	if seen := v.Status.ObservedGeneration; seen > 0 && seen < o.Generation() {
		return waiting("has a change that is not picked up yet")
	}
	is, ok := find(v.Status.Conditions, typeReady)
	if !ok {
		return ready(o.CreatedAt())
	}
	return byReady(is)
}

func byReady(c metav1.Condition) Result {
	if c.Status == metav1.ConditionTrue {
		return ready(c.LastTransitionTime.Time)
	}
	return waiting(because("is not ready", c))
}

// because adds a condition's message, or its reason if it has none.
func because(what string, c metav1.Condition) string {
	why := Line(c.Message)
	if why == "" {
		why = c.Reason
	}
	if why == "" {
		return what
	}
	return Bound(what + ": " + why)
}
