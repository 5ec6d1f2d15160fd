// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An Object of provider-kubernetes wraps one object of another cluster.
const (
	objectKind    = "Object"
	objectGroup   = "kubernetes.crossplane.io/"
	objectContent = "status.atProvider.manifest"
)

func isObject(apiVersion string) bool { return strings.HasPrefix(apiVersion, objectGroup) }

// object is judged by what it wraps, as the provider last saw it.
func object(o Observed, opts Options) Result {
	var v conditionView
	if err := o.Decode(&v, "status.conditions"); err != nil {
		return unreadable(err)
	}
	synced, ok := find(v.Status.Conditions, typeSynced)
	switch {
	case o.Deleting():
		return waiting("is being deleted")
	case ok && synced.Status == metav1.ConditionFalse:
		return waiting(because("cannot be applied", synced))
	case ok && synced.ObservedGeneration > 0 && synced.ObservedGeneration < o.Generation():
		return waiting("has a change that is not applied yet")
	}
	inner, err := unwrap(o)
	if err != nil {
		return unreadable(err)
	}
	if inner.Kind() == "" {
		return waiting("has not been seen in its cluster yet")
	}
	return Judge(inner, opts)
}

// Unwrap returns the object that o wraps if o is an Object of
// provider-kubernetes, else o itself. An Object whose content has not been
// observed unwraps to an object without a kind.
func Unwrap(o Observed) (Observed, error) {
	if o.Kind() != objectKind || !isObject(o.APIVersion()) {
		return o, nil
	}
	return unwrap(o)
}

func unwrap(o Observed) (content, error) {
	c := content{outer: o}
	err := c.Decode(&c.head, "apiVersion", "kind", "metadata.generation", "metadata.creationTimestamp", "metadata.deletionTimestamp")
	return c, err
}

// content is the object within an Object.
type content struct {
	outer Observed
	head  struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        struct {
			Generation        int64        `json:"generation"`
			CreationTimestamp metav1.Time  `json:"creationTimestamp"`
			DeletionTimestamp *metav1.Time `json:"deletionTimestamp"`
		} `json:"metadata"`
	}
}

func (c content) APIVersion() string   { return c.head.APIVersion }
func (c content) Kind() string         { return c.head.Kind }
func (c content) Generation() int64    { return c.head.Metadata.Generation }
func (c content) CreatedAt() time.Time { return c.head.Metadata.CreationTimestamp.Time }
func (c content) Deleting() bool       { return c.head.Metadata.DeletionTimestamp != nil }

// Decode reads members of the wrapped object.
func (c content) Decode(into any, members ...string) error {
	var o struct {
		Status struct {
			AtProvider struct {
				// JSON decodes into the value that an interface points to.
				Manifest any `json:"manifest"`
			} `json:"atProvider"`
		} `json:"status"`
	}
	o.Status.AtProvider.Manifest = into
	paths := make([]string, 0, len(members)+1)
	for _, m := range members {
		paths = append(paths, objectContent+"."+m)
	}
	if len(members) == 0 {
		paths = append(paths, objectContent)
	}
	return c.outer.Decode(&o, paths...) //nolint:wrapcheck // Decode names the object.
}
