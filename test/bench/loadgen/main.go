// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Command loadgen calls a function over and over with the same request:
//
//	loadgen ADDRESS REQUEST-FILE IN-FLIGHT CALLS
//
// It is a program of its own so that its work is not counted as the function's.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("want ADDRESS REQUEST-FILE IN-FLIGHT CALLS, got %d arguments", len(args))
	}
	request, err := os.ReadFile(args[1])
	if err != nil {
		return fmt.Errorf("cannot read request: %w", err)
	}
	inFlight, err := strconv.Atoi(args[2])
	if err != nil {
		return fmt.Errorf("cannot read number of calls in flight: %w", err)
	}
	calls, err := strconv.Atoi(args[3])
	if err != nil {
		return fmt.Errorf("cannot read number of calls: %w", err)
	}
	conn, err := grpc.NewClient(args[0], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("cannot connect to %s: %w", args[0], err)
	}
	defer conn.Close()

	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(inFlight)
	for range calls {
		g.Go(func() error {
			var response []byte
			return conn.Invoke(ctx, fnv1.FunctionRunnerService_RunFunction_FullMethodName, &request, &response,
				grpc.ForceCodecV2(raw{}), grpc.WaitForReady(true))
		})
	}
	return g.Wait()
}

// raw sends and receives bytes as they are: the request is encoded already,
// and nobody reads the response.
type raw struct{}

var _ encoding.CodecV2 = raw{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	b, ok := v.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("cannot send %T: want *[]byte", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(*b)}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	b, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot receive into %T: want *[]byte", v)
	}
	*b = data.Materialize()
	return nil
}
