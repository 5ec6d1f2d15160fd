// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/crossplane/function-sdk-go/logging"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// Serve serves a function until the context is done, and then finishes the
// calls that are running, for at most o.DrainTimeout. It returns nil after a
// drain, also one that ran out of time, and an error if it could not serve.
func Serve(ctx context.Context, o Options, log logging.Logger, fn fnv1.FunctionRunnerServiceServer) error {
	lis, err := listen(ctx, o.Network, o.Address)
	if err != nil {
		return err
	}
	s, err := newServer(o, log, fn)
	if err != nil {
		return errors.Join(err, lis.Close())
	}
	if o.MetricsAddress == "" {
		return s.run(ctx, lis, nil)
	}
	metrics, err := listen(ctx, "tcp", o.MetricsAddress)
	if err != nil {
		return errors.Join(err, lis.Close())
	}
	return s.run(ctx, lis, metrics)
}

func listen(ctx context.Context, network, address string) (net.Listener, error) {
	lc := net.ListenConfig{}
	lis, err := lc.Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for connections at %s address %q: %w", network, address, err)
	}
	return lis, nil
}

// A server is one function, ready to be run once.
type server struct {
	grpc     *grpc.Server
	health   *health.Server
	metrics  *metrics
	draining atomic.Bool
	drain    time.Duration
	log      logging.Logger
}

// spareStreams are the calls beyond the concurrency limit that a connection
// may have open. A few, so that the next call is at hand when one finishes; not
// many, since each holds its whole request in memory while it waits. The rest
// waits at the client, which costs nothing.
const spareStreams = 4

func newServer(o Options, log logging.Logger, fn fnv1.FunctionRunnerServiceServer) (*server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	creds, err := o.credentials(log)
	if err != nil {
		return nil, err
	}
	m := newMetrics()
	s := &server{
		grpc: grpc.NewServer(
			grpc.Creds(creds),
			grpc.ForceServerCodecV2(wire.Codec()),
			grpc.MaxRecvMsgSize(o.MaxRecvMessageSize*megabyte),
			grpc.MaxConcurrentStreams(uint32(o.concurrency()+spareStreams)), //nolint:gosec // Never negative, and small.
			grpc.ChainUnaryInterceptor(m.grpc.UnaryServerInterceptor(), logCalls(log), recoverPanics(log, m), limit(o.concurrency(), m)),
		),
		health:  health.NewServer(),
		metrics: m,
		drain:   o.DrainTimeout,
		log:     log,
	}
	fnv1.RegisterFunctionRunnerServiceServer(s.grpc, fn)
	healthgrpc.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	m.grpc.InitializeMetrics(s.grpc)
	return s, nil
}

// run serves on the listeners, which it closes. The one for metrics may be nil.
func (s *server) run(ctx context.Context, lis, metrics net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		s.log.Info("Serving", "address", lis.Addr().String())
		// ErrServerStopped: told to stop before it had begun.
		if err := s.grpc.Serve(lis); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			return fmt.Errorf("cannot serve gRPC: %w", err)
		}
		return nil
	})
	web := newMetricsServer(s.metrics.handler(func() bool { return !s.draining.Load() }))
	if metrics != nil {
		g.Go(func() error {
			if err := web.Serve(metrics); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("cannot serve metrics: %w", err)
			}
			return nil
		})
	}
	g.Go(func() error {
		<-ctx.Done()
		s.stop()
		return web.Close()
	})
	return g.Wait()
}

// stop tells everybody that this server is going away, and lets it finish what
// it has begun. Metrics are served to the end, so that the drain can be seen.
func (s *server) stop() {
	s.draining.Store(true)
	s.health.Shutdown()
	s.log.Info("Draining", "timeout", s.drain.String())

	drained := make(chan struct{})
	go func() {
		defer close(drained)
		s.grpc.GracefulStop()
	}()
	timeout := time.NewTimer(s.drain)
	defer timeout.Stop()
	select {
	case <-drained:
		s.log.Info("Drained")
	case <-timeout.C:
		s.log.Info("Calls are still running after the drain timeout, cutting them off", "timeout", s.drain.String())
		s.grpc.Stop()
	}
}
