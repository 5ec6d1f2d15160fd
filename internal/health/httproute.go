// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A parentRef names what a route attaches to. An absent namespace is the
// route's own.
type parentRef struct {
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	SectionName string `json:"sectionName"`
	Port        int32  `json:"port"`
}

type routeView struct {
	Metadata struct {
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	Spec struct {
		ParentRefs []parentRef `json:"parentRefs"`
	} `json:"spec"`
	Status struct {
		Parents []struct {
			ParentRef  parentRef          `json:"parentRef"`
			Conditions []metav1.Condition `json:"conditions"`
		} `json:"parents"`
	} `json:"status"`
}

// httpRoute is ready when each of its parents accepts it as it is now, and
// finds what it leads to.
func httpRoute(o Observed, _ Options) Result {
	var v routeView
	if err := o.Decode(&v, "metadata.namespace", "spec.parentRefs", "status.parents"); err != nil {
		return unreadable(err)
	}
	since := time.Time{}
	for _, ref := range v.Spec.ParentRefs {
		r := v.parent(ref, o.Generation())
		if !r.Ready() {
			return r
		}
		since = latest(since, r.Since)
	}
	return ready(since)
}

// parent judges the route for one parent. More than one controller may report
// about it; one that serves is enough.
func (v *routeView) parent(ref parentRef, generation int64) Result {
	result := waiting("is not seen by gateway " + ref.Name + " yet")
	for _, p := range v.Status.Parents {
		if v.complete(p.ParentRef) != v.complete(ref) {
			continue
		}
		if result = accepted(p.Conditions, generation); result.Ready() {
			return result
		}
	}
	return result
}

func (v *routeView) complete(ref parentRef) parentRef {
	ref.Namespace = cmp.Or(ref.Namespace, v.Metadata.Namespace)
	return ref
}

func accepted(conditions []metav1.Condition, generation int64) Result {
	since := time.Time{}
	for _, want := range []struct{ conditionType, otherwise string }{
		{"Accepted", "is not accepted by its gateway"},
		{"ResolvedRefs", "leads to something that its gateway cannot use"},
	} {
		c, ok := find(conditions, want.conditionType)
		switch {
		case !ok || c.ObservedGeneration < generation || c.Status == metav1.ConditionUnknown:
			return waiting("is not seen by its gateway yet")
		case c.Status == metav1.ConditionFalse:
			r := waiting(because(want.otherwise, c))
			r.Reason = v1alpha1.ReasonRouteNotAccepted
			return r
		}
		since = latest(since, c.LastTransitionTime.Time)
	}
	return ready(since)
}
