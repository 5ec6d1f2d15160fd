// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "time"

// APIVersion of the object, for example apps/v1.
func (r Resource) APIVersion() string { return r.Get("apiVersion").Text() }

// Kind of the object.
func (r Resource) Kind() string { return r.Get("kind").Text() }

// Name of the object.
func (r Resource) Name() string { return r.Get("metadata", "name").Text() }

// Namespace of the object, empty if it is cluster-scoped.
func (r Resource) Namespace() string { return r.Get("metadata", "namespace").Text() }

// UID of the object.
func (r Resource) UID() string { return r.Get("metadata", "uid").Text() }

// Generation of the object's spec.
func (r Resource) Generation() int64 { return r.Get("metadata", "generation").Int() }

// CreatedAt is when the object was created, to the second. Zero if unknown.
func (r Resource) CreatedAt() time.Time { return r.Get("metadata", "creationTimestamp").Time() }

// Deleting tells whether the object's deletion has begun.
func (r Resource) Deleting() bool { return r.Get("metadata", "deletionTimestamp").Text() != "" }

// Label returns the value of a label, empty if it is not set.
func (r Resource) Label(key string) string { return r.Get("metadata", "labels", key).Text() }

// Labels returns all labels.
func (r Resource) Labels() map[string]string { return r.Get("metadata", "labels").StringMap() }

// Annotation returns the value of an annotation, empty if it is not set.
func (r Resource) Annotation(key string) string { return r.Get("metadata", "annotations", key).Text() }

// Annotations returns all annotations.
func (r Resource) Annotations() map[string]string {
	return r.Get("metadata", "annotations").StringMap()
}
