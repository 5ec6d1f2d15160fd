// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/fieldpath"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// A FieldPath names a member of an object as Crossplane's compositions do:
// metadata.annotations[example.com/team]. The zero value names nothing.
type FieldPath []string

// ParseFieldPath reads a field path. Paths through lists are refused: a status
// is not written by index.
func ParseFieldPath(text string) (FieldPath, error) {
	if text == "" {
		return nil, nil
	}
	segments, err := fieldpath.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("field path %q cannot be read: %w", text, err)
	}
	path := make(FieldPath, 0, len(segments))
	for _, s := range segments {
		if s.Type != fieldpath.SegmentField || s.Field == "*" {
			return nil, fmt.Errorf("field path %q leads through a list: name members of objects only, for example status.expiresAt", text)
		}
		path = append(path, s.Field)
	}
	return path, nil
}

// In reads the member of an object. The zero path reads as empty.
func (p FieldPath) In(r wire.Resource) wire.Value {
	if len(p) == 0 {
		return wire.Value{}
	}
	return r.Get(p...)
}

// Set sets the member of an object, making the objects on the way. A nil value
// removes it. Something on the way that is no object is replaced.
func (p FieldPath) Set(s *structpb.Struct, v *structpb.Value) {
	if len(p) == 0 {
		return
	}
	for _, name := range p[:len(p)-1] {
		below := s.GetFields()[name].GetStructValue()
		if below == nil {
			if v == nil {
				return
			}
			below = &structpb.Struct{}
			set(s, name, structpb.NewStructValue(below))
		}
		s = below
	}
	last := p[len(p)-1]
	if v == nil {
		delete(s.GetFields(), last)
		return
	}
	set(s, last, v)
}

func set(s *structpb.Struct, name string, v *structpb.Value) {
	if s.Fields == nil {
		s.Fields = map[string]*structpb.Value{}
	}
	s.Fields[name] = v
}

// SetField desires one member of the composite, beside what earlier functions
// desired of it. A nil value takes theirs back.
func SetField(rsp *fnv1.RunFunctionResponse, composite wire.Resource, path FieldPath, v *structpb.Value) {
	desiredComposite(rsp, composite)
	path.Set(rsp.GetDesired().GetComposite().GetResource(), v)
}
