// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Fields of RunFunctionRequest, by their numbers in run_function.proto.
const (
	requestObserved protowire.Number = 2
	requestRequired protowire.Number = 8
)

// Codec returns the codec for the server of a function. Give it to
// grpc.ForceServerCodecV2: unlike a registration it leaves the clients in the
// same process alone.
//
// It treats all messages as gRPC's own codec does, but for *RunFunctionRequest.
func Codec() encoding.CodecV2 {
	return codec{CodecV2: encoding.GetCodecV2(grpcproto.Name)}
}

type codec struct{ encoding.CodecV2 }

// Unmarshal decodes a message. For a request it does not use one of gRPC's
// pooled buffers, since the request keeps parts of it.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	req, ok := v.(*fnv1.RunFunctionRequest)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	return Unmarshal(data.Materialize(), req)
}

// Unmarshal decodes a request lazily. The request keeps b: the caller must not
// change it afterwards.
func Unmarshal(b []byte, req *fnv1.RunFunctionRequest) error {
	observed, required, rest := run{whole: b}, run{whole: b}, run{whole: b}
	seen := false
	err := eachField(b, func(f field) error {
		switch {
		case f.is(requestObserved, protowire.BytesType):
			// Concatenated messages merge, so this holds should the field
			// come twice.
			seen = true
			observed.add(f.payload, f.end)
		case f.is(requestRequired, protowire.BytesType):
			required.add(f.start, f.end)
		default:
			rest.add(f.start, f.end)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot unmarshal function request: %w", err)
	}
	if err := proto.Unmarshal(rest.bytes(), req); err != nil {
		return fmt.Errorf("cannot unmarshal function request: %w", err)
	}
	if seen {
		req.Observed = &fnv1.State{}
		req.GetObserved().ProtoReflect().SetUnknown(observed.bytes())
	}
	if keep := required.bytes(); len(keep) > 0 {
		m := req.ProtoReflect()
		m.SetUnknown(append(keep, m.GetUnknown()...))
	}
	return nil
}
