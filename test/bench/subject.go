// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

// A Subject is a function to be measured.
type Subject struct {
	Function fnv1.FunctionRunnerServiceServer

	// Request returns the request for a composite that was just created, all
	// required resources with it, from which about so many resources are
	// composed once everything is ready.
	Request func(resources int) *fnv1.RunFunctionRequest
}

// A stack is one composite's life: the call that composes nearly everything,
// and the calls after all of it is there.
type stack struct {
	resources     int
	first, steady exchange
}

// An exchange is a request and the response to it.
type exchange struct {
	request  []byte
	response *fnv1.RunFunctionResponse
}

// settle runs a composite until nothing is added any more.
func (s Subject) settle(resources int) (stack, error) {
	var all []exchange
	req := s.Request(resources)
	for len(all) < 2 || count(all[len(all)-1]) != count(all[len(all)-2]) {
		if len(all) > 20 {
			return stack{}, fmt.Errorf("the function still adds resources after %d calls", len(all))
		}
		rsp, err := s.Function.RunFunction(context.Background(), proto.CloneOf(req))
		if err != nil {
			return stack{}, fmt.Errorf("cannot run function: %w", err)
		}
		b, err := proto.Marshal(req)
		if err != nil {
			return stack{}, fmt.Errorf("cannot marshal request: %w", err)
		}
		all = append(all, exchange{request: b, response: rsp})
		req = wiretest.Next(req, rsp)
	}
	out := stack{steady: all[len(all)-1], resources: count(all[len(all)-1])}
	for _, e := range all {
		// A function may hold resources back at first, for a namespace to come.
		if count(e)*10 >= out.resources*9 {
			out.first = e
			break
		}
	}
	return out, nil
}

func count(e exchange) int { return len(e.response.GetDesired().GetResources()) }

// serve is what the server does with a request.
func (s Subject) serve(request []byte) {
	codec := wire.Codec()
	req := &fnv1.RunFunctionRequest{}
	check(codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(request)}, req))
	rsp, err := s.Function.RunFunction(context.Background(), req)
	check(err)
	marshal(codec, rsp)
}

// floor is the least any function on gRPC's own codec does.
func floor(e exchange) {
	codec := encoding.GetCodecV2(grpcproto.Name)
	check(codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(e.request)}, &fnv1.RunFunctionRequest{}))
	marshal(codec, e.response)
}

func marshal(codec encoding.CodecV2, rsp *fnv1.RunFunctionResponse) {
	out, err := codec.Marshal(rsp)
	check(err)
	out.Free()
}

// check ends the benchmark: what failed has worked in settle, with the same
// request.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// renamed makes requests for other composites out of one: as many as there are
// numbers of five digits.
type renamed struct {
	request []byte
	offsets []int
}

const digits = 5

func newRenamed(request []byte) (*renamed, error) {
	req := &fnv1.RunFunctionRequest{}
	if err := proto.Unmarshal(request, req); err != nil {
		return nil, fmt.Errorf("cannot read request: %w", err)
	}
	metadata := req.GetObserved().GetComposite().GetResource().GetFields()["metadata"].GetStructValue()
	name := []byte(metadata.GetFields()["name"].GetStringValue())
	if len(name) < digits+1 {
		return nil, fmt.Errorf("the composite is called %q: give it a name of more than %d characters", name, digits)
	}
	r := &renamed{request: bytes.Clone(request)}
	for at := 0; ; {
		i := bytes.Index(request[at:], name)
		if i < 0 {
			return r, nil
		}
		at += i + len(name)
		r.offsets = append(r.offsets, at-digits)
	}
}

// number returns the request of one composite. It is valid until the next call.
func (r *renamed) number(n int) []byte {
	text := fmt.Appendf(nil, "%0*d", digits, n)
	for _, at := range r.offsets {
		copy(r.request[at:], text)
	}
	return r.request
}
