// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"context"
	"runtime/debug"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/crossplane/function-sdk-go/logging"
)

// limit lets at most n calls of the function run at once. The function is all
// CPU and memory: more at once would not be faster, only larger. Health checks
// are not limited.
func limit(n int, m *metrics) grpc.UnaryServerInterceptor {
	slots := semaphore.NewWeighted(int64(n))
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		if info.FullMethod != fnv1.FunctionRunnerService_RunFunction_FullMethodName {
			return handler(ctx, req)
		}
		m.waiting.Inc()
		err := slots.Acquire(ctx, 1)
		m.waiting.Dec()
		if err != nil {
			return nil, status.Errorf(status.FromContextError(err).Code(), "gave up waiting for one of %d running calls to finish: %v", n, err)
		}
		defer slots.Release(1)
		m.running.Inc()
		defer m.running.Dec()
		return handler(ctx, req)
	}
}

// recoverPanics answers a panic with an error, so that one composite that
// trips over a bug does not take the calls of all others with it.
func recoverPanics(log logging.Logger, m *metrics) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (rsp any, err error) {
		defer func() {
			if p := recover(); p != nil {
				m.panics.Inc()
				log.Info("Function panicked", "method", info.FullMethod, "panic", p, "stack", string(debug.Stack()))
				err = status.Errorf(codes.Internal, "function panicked: %v", p)
			}
		}()
		return handler(ctx, req)
	}
}

// logCalls writes a debug line per call.
func logCalls(log logging.Logger) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		start := time.Now()
		rsp, err := handler(ctx, req)
		log.Debug("Served call", "method", info.FullMethod, "duration", time.Since(start).String(), "code", status.Code(err).String())
		return rsp, err
	}
}
