// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	kjson "sigs.k8s.io/json"
)

// Fields of Resource.
const (
	resourceStruct     protowire.Number = 1
	resourceConnection protowire.Number = 2
)

// A Resource is a Kubernetes object as it stands on the wire. Its zero value
// stands for an object that does not exist. It is small: pass it by value.
//
// Reading does not change a Resource, so it may be read concurrently.
type Resource struct {
	object     []byte // A google.protobuf.Struct.
	connection []byte // Entries of Resource.connection_details.
	exists     bool
}

func readResource(b []byte) (Resource, error) {
	object, connection := run{whole: b}, run{whole: b}
	for i := 0; i < len(b); {
		f, err := at(b, i)
		if err != nil {
			return Resource{}, err
		}
		switch {
		case f.is(resourceStruct, protowire.BytesType):
			object.add(f.payload, f.end)
		case f.is(resourceConnection, protowire.BytesType):
			connection.add(f.start, f.end)
		}
		i = f.end
	}
	return Resource{object: object.bytes(), connection: connection.bytes(), exists: true}, nil
}

// FromStruct reads a decoded object, such as a function's input, with the
// methods of a Resource. It fails if the object cannot be marshalled.
func FromStruct(s *structpb.Struct) (Resource, error) {
	if s == nil {
		return Resource{}, nil
	}
	b, err := proto.Marshal(s)
	if err != nil {
		return Resource{}, fmt.Errorf("cannot marshal object: %w", err)
	}
	return Resource{object: b, exists: true}, nil
}

// Exists tells whether there is such an object.
func (r Resource) Exists() bool { return r.exists }

// Get returns the value at a path of members, for example
// Get("status", "phase"). An absent value reads as empty.
func (r Resource) Get(path ...string) Value {
	return Value{raw: r.object, root: true, present: r.exists}.Get(path...)
}

// Decode decodes members of the object into a pointer to a Go value with JSON
// tags, such as *appsv1.Deployment, leaving alone what it does not name.
//
// Members are named by their path, with dots: "metadata", "status",
// "spec.replicas". Without any, the whole object is decoded. Managed fields
// never are. Members the Go type does not know are passed over. An object that
// does not exist decodes to nothing. A member of the wrong type is an error.
func (r Resource) Decode(into any, members ...string) error {
	if !r.exists {
		return nil
	}
	s := selection{members: members, place: atResource}
	if decode(into, r.object, s) == nil {
		return nil
	}
	// What is not decoded so far, or not rightly, is now, or its error told.
	text, err := appendStruct(nil, r.object, s)
	if err != nil {
		return fmt.Errorf("cannot decode %s: %w", r, err)
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(text, into); err != nil {
		return fmt.Errorf("cannot decode %s: %w", r, err)
	}
	return nil
}

// Struct decodes the whole object, managed fields included. It is nil if the
// object does not exist.
func (r Resource) Struct() (*structpb.Struct, error) {
	if !r.exists {
		return nil, nil //nolint:nilnil // A nil Struct is an empty one.
	}
	s := &structpb.Struct{}
	if err := proto.Unmarshal(r.object, s); err != nil {
		return nil, fmt.Errorf("cannot decode %s: %w", r, err)
	}
	return s, nil
}

// ConnectionDetails decodes the object's connection details.
func (r Resource) ConnectionDetails() (map[string][]byte, error) {
	details := map[string][]byte{}
	err := eachField(r.connection, func(f field) error {
		key, value, err := entry(f.bytes)
		details[string(key)] = append([]byte{}, value...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot decode connection details of %s: %w", r, err)
	}
	return details, nil
}

// String names the object for people: Deployment shop/web.
func (r Resource) String() string {
	if !r.exists {
		return "nothing"
	}
	name := r.Get("metadata", "name").Text()
	if ns := r.Get("metadata", "namespace").Text(); ns != "" {
		name = ns + "/" + name
	}
	return strings.TrimSpace(r.Get("kind").Text() + " " + name)
}
