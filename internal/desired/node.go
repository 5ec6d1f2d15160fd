// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import "google.golang.org/protobuf/types/known/structpb"

// A structpb.Value is a message that points at a wrapper that holds the value:
// two allocations per leaf when made by its constructors. These nodes hold the
// message and the wrapper together, which halves the garbage of an encoding.
type (
	stringNode struct {
		value structpb.Value
		kind  structpb.Value_StringValue
	}
	numberNode struct {
		value structpb.Value
		kind  structpb.Value_NumberValue
	}
	boolNode struct {
		value structpb.Value
		kind  structpb.Value_BoolValue
	}
	structNode struct {
		value structpb.Value
		kind  structpb.Value_StructValue
	}
	listNode struct {
		value structpb.Value
		kind  structpb.Value_ListValue
	}
)

func stringValue(s string) *structpb.Value {
	n := &stringNode{kind: structpb.Value_StringValue{StringValue: validText(s)}}
	n.value.Kind = &n.kind
	return &n.value
}

func numberValue(f float64) *structpb.Value {
	n := &numberNode{kind: structpb.Value_NumberValue{NumberValue: f}}
	n.value.Kind = &n.kind
	return &n.value
}

func boolValue(b bool) *structpb.Value {
	n := &boolNode{kind: structpb.Value_BoolValue{BoolValue: b}}
	n.value.Kind = &n.kind
	return &n.value
}

// structValue takes the results of an encoding, so that it can wrap the call.
func structValue(s *structpb.Struct, err error) (*structpb.Value, error) {
	if err != nil {
		return nil, err
	}
	n := &structNode{kind: structpb.Value_StructValue{StructValue: s}}
	n.value.Kind = &n.kind
	return &n.value, nil
}

func listValue(l *structpb.ListValue) *structpb.Value {
	n := &listNode{kind: structpb.Value_ListValue{ListValue: l}}
	n.value.Kind = &n.kind
	return &n.value
}
