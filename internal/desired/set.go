// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Readiness is what a function says of a resource it desires.
type Readiness = fnv1.Ready

// What a function may say of a resource. Unspecified leaves the judgement to a
// later function; if none judges, Crossplane counts the resource as not ready.
const (
	Unspecified = fnv1.Ready_READY_UNSPECIFIED
	Ready       = fnv1.Ready_READY_TRUE
	NotReady    = fnv1.Ready_READY_FALSE
)

// ReadyIf turns a judgement into a Readiness.
func ReadyIf(ready bool) Readiness {
	if ready {
		return Ready
	}
	return NotReady
}

// Set desires an object under a key of the response, in place of what an
// earlier function may have desired there. The object must carry its TypeMeta.
//
// The key is the object's identity for Crossplane: the same key with another
// kind or name is an error there, so derive both from the same value.
func Set(rsp *fnv1.RunFunctionResponse, key string, obj any, ready Readiness) error {
	s, err := Encode(obj, schema.GroupVersionKind{})
	if err != nil {
		return fmt.Errorf("cannot desire resource %q: %w", key, err)
	}
	SetStruct(rsp, key, s, ready)
	return nil
}

// SetStruct desires an already encoded object under a key of the response.
func SetStruct(rsp *fnv1.RunFunctionResponse, key string, s *structpb.Struct, ready Readiness) {
	if rsp.GetDesired() == nil {
		rsp.Desired = &fnv1.State{}
	}
	if rsp.GetDesired().GetResources() == nil {
		rsp.Desired.Resources = map[string]*fnv1.Resource{}
	}
	rsp.Desired.Resources[key] = &fnv1.Resource{Resource: s, Ready: ready}
}
