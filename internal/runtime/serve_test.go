// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/crossplane/function-sdk-go/logging"

	"github.com/microstaging/preview-stacks/internal/wire"
)

// A function is a FunctionRunnerService made of one Go function.
type function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	run runFunction
}

type runFunction func(context.Context, *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error)

func (f *function) RunFunction(ctx context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	return f.run(ctx, req)
}

// echo answers with the tag, and the names of what was observed as context.
func echo(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	o, err := wire.Observe(req)
	if err != nil {
		return nil, err
	}
	names := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	for key, r := range o.All() {
		names.Fields[key] = structpb.NewStringValue(r.Name())
	}
	return &fnv1.RunFunctionResponse{Meta: &fnv1.ResponseMeta{Tag: req.GetMeta().GetTag()}, Context: names}, nil
}

// An instance is a function that is being served.
type instance struct {
	*server

	address string
	web     string
	stop    context.CancelFunc
	done    chan error
}

// serve runs a function on free ports until the test ends.
func serve(t *testing.T, o Options, fn runFunction) *instance {
	t.Helper()
	return serveLogging(t, o, logging.NewNopLogger(), fn)
}

func serveLogging(t *testing.T, o Options, log logging.Logger, fn runFunction) *instance {
	t.Helper()
	if o.MaxRecvMessageSize == 0 {
		o.MaxRecvMessageSize = 64
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = 10 * time.Second
	}
	s, err := newServer(o, log, &function{run: fn})
	if err != nil {
		t.Fatal(err)
	}
	lis, web := free(t), free(t)
	ctx, stop := context.WithCancel(context.Background())
	r := &instance{server: s, address: lis.Addr().String(), web: "http://" + web.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() { r.done <- s.run(ctx, lis, web) }()
	t.Cleanup(stop)
	return r
}

func free(t *testing.T) net.Listener {
	t.Helper()
	lis, err := listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

func (r *instance) dial(t *testing.T, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(r.address, grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (r *instance) client(t *testing.T) fnv1.FunctionRunnerServiceClient {
	t.Helper()
	return fnv1.NewFunctionRunnerServiceClient(r.dial(t, insecure.NewCredentials()))
}

// finished waits for the server to end.
func (r *instance) finished(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.done:
		if err != nil {
			t.Errorf("Serve(...): %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the server did not end")
	}
}

// eventually waits for a condition that has no event to wait for.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	timeout := time.After(10 * time.Second)
	for !condition() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func TestServeLargeRequestOverMTLS(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.mount(t, dir, 1)
	r := serve(t, Options{TLSServerCertsDir: dir}, echo)
	client := fnv1.NewFunctionRunnerServiceClient(r.dial(t, credentials.NewTLS(ca.client(t))))

	large := &structpb.Struct{Fields: map[string]*structpb.Value{
		"metadata": structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{"name": structpb.NewStringValue("web")}}),
		"data":     structpb.NewStringValue(strings.Repeat("x", 8*megabyte)),
	}}
	rsp, err := client.RunFunction(t.Context(), &fnv1.RunFunctionRequest{
		Meta:     &fnv1.RequestMeta{Tag: "tag"},
		Observed: &fnv1.State{Resources: map[string]*fnv1.Resource{"a": {Resource: large}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if rsp.GetMeta().GetTag() != "tag" || rsp.GetContext().GetFields()["a"].GetStringValue() != "web" {
		t.Errorf("RunFunction(...): got %v", rsp)
	}
}

func TestServeRefusesClients(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.mount(t, dir, 1)
	r := serve(t, Options{TLSServerCertsDir: dir}, echo)
	anonymous := ca.client(t)
	anonymous.Certificates = nil
	stranger := newAuthority(t).client(t)
	stranger.RootCAs = ca.client(t).RootCAs
	cases := map[string]struct {
		reason string
		creds  credentials.TransportCredentials
	}{
		"Plain":     {reason: "There is no way in without TLS.", creds: insecure.NewCredentials()},
		"Anonymous": {reason: "A client must have a certificate.", creds: credentials.NewTLS(anonymous)},
		"Stranger":  {reason: "The certificate must be signed by our CA.", creds: credentials.NewTLS(stranger)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			client := fnv1.NewFunctionRunnerServiceClient(r.dial(t, tc.creds))
			_, err := client.RunFunction(t.Context(), &fnv1.RunFunctionRequest{})
			if status.Code(err) != codes.Unavailable {
				t.Errorf("%s\nRunFunction(...): want Unavailable, got %v", tc.reason, err)
			}
		})
	}
}

func TestServePicksUpRotatedCertificates(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.mount(t, dir, 1)
	r := serve(t, Options{TLSServerCertsDir: dir}, echo)
	if got := r.serial(t, ca); got != 1 {
		t.Fatalf("the first certificate has serial %d", got)
	}
	ca.mount(t, dir, 2)
	if got := r.serial(t, ca); got != 2 {
		t.Errorf("after a rotation the certificate still has serial %d", got)
	}
	if err := os.WriteFile(filepath.Join(dir, fileKey), []byte("half-writ"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := r.serial(t, ca); got != 2 {
		t.Errorf("with a broken key the last good certificate must be served, got serial %d", got)
	}
	next := newAuthority(t)
	next.mount(t, dir, 3)
	if got := r.serial(t, next); got != 3 {
		t.Errorf("after a change of CA the certificate has serial %d", got)
	}
}

// serial does a handshake and returns the server certificate's serial number.
func (r *instance) serial(t *testing.T, ca *authority) int64 {
	t.Helper()
	conn, err := (&tls.Dialer{Config: ca.client(t)}).DialContext(t.Context(), "tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestServeDrains(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	r := serve(t, Options{Insecure: true}, func(ctx context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
		close(begun)
		<-finish
		return echo(ctx, req)
	})
	client := r.client(t)
	answered := make(chan error, 1)
	go func() {
		_, err := client.RunFunction(context.Background(), &fnv1.RunFunctionRequest{})
		answered <- err
	}()
	<-begun
	r.stop()
	eventually(t, "readiness says draining", func() bool { return r.get(t, "/readyz") == http.StatusServiceUnavailable })
	eventually(t, "new connections are refused", func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	close(finish)
	if err := <-answered; err != nil {
		t.Errorf("a call that was running when the server was told to stop: %v", err)
	}
	r.finished(t)
}

// get returns the status of a page, 0 if there is no answer.
func (r *instance) get(t *testing.T, path string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.web+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	rsp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer rsp.Body.Close()
	_, _ = io.Copy(io.Discard, rsp.Body)
	return rsp.StatusCode
}

func TestServeCutsOffWhatDoesNotDrain(t *testing.T) {
	begun := make(chan struct{})
	r := serve(t, Options{Insecure: true, DrainTimeout: time.Millisecond}, func(ctx context.Context, _ *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	client := r.client(t)
	answered := make(chan error, 1)
	go func() {
		_, err := client.RunFunction(context.Background(), &fnv1.RunFunctionRequest{})
		answered <- err
	}()
	<-begun
	r.stop()
	if err := <-answered; err == nil {
		t.Error("a call that never ends must be cut off")
	}
	r.finished(t)
}

func TestServeBoundsConcurrency(t *testing.T) {
	const bound, calls = 2, 5
	var running, most atomic.Int32
	finish := make(chan struct{})
	r := serve(t, Options{Insecure: true, MaxConcurrent: bound}, func(ctx context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
		n := running.Add(1)
		defer running.Add(-1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		<-finish
		return echo(ctx, req)
	})
	client := r.client(t)
	answered := make(chan error, calls)
	for range calls {
		go func() {
			_, err := client.RunFunction(context.Background(), &fnv1.RunFunctionRequest{})
			answered <- err
		}()
	}
	eventually(t, "the calls beyond the bound wait", func() bool { return testutil.ToFloat64(r.metrics.waiting) == calls-bound })

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.RunFunction(ctx, &fnv1.RunFunctionRequest{}); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("a call that waits beyond its deadline: want DeadlineExceeded, got %v", err)
	}
	if h, err := healthgrpc.NewHealthClient(r.dial(t, insecure.NewCredentials())).Check(t.Context(), &healthgrpc.HealthCheckRequest{}); err != nil || h.GetStatus() != healthgrpc.HealthCheckResponse_SERVING {
		t.Errorf("health must be answered while all slots are taken: %v, %v", h, err)
	}
	close(finish)
	for range calls {
		if err := <-answered; err != nil {
			t.Error(err)
		}
	}
	if got := most.Load(); got != bound {
		t.Errorf("%d calls ran at once, want %d", got, bound)
	}
}

func TestServeSurvivesPanics(t *testing.T) {
	fn := func(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
		if req.GetMeta().GetTag() == "bad" {
			panic("index out of stock")
		}
		return &fnv1.RunFunctionResponse{}, nil
	}
	lines := make(chan string, 10)
	log := logging.NewLogrLogger(funcr.New(func(_, args string) { lines <- args }, funcr.Options{}))
	r := serveLogging(t, Options{Insecure: true}, log, fn)
	client := r.client(t)
	_, err := client.RunFunction(t.Context(), &fnv1.RunFunctionRequest{Meta: &fnv1.RequestMeta{Tag: "bad"}})
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "index out of stock") {
		t.Errorf("a call that panics: want Internal with the panic's text, got %v", err)
	}
	if line := <-lines; !strings.Contains(line, "Serving") {
		t.Errorf("the first line of the log: %s", line)
	}
	if line := <-lines; !strings.Contains(line, "serve_test.go") {
		t.Errorf("the log must hold the stack of the panic, got: %s", line)
	}
	if _, err := client.RunFunction(t.Context(), &fnv1.RunFunctionRequest{}); err != nil {
		t.Errorf("the call after a panic: %v", err)
	}
	if got := testutil.ToFloat64(r.metrics.panics); got != 1 {
		t.Errorf("%v panics counted, want 1", got)
	}
}

func TestServePages(t *testing.T) {
	r := serve(t, Options{Insecure: true}, echo)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if got := r.get(t, path); got != http.StatusOK {
			t.Errorf("GET %s: status %d", path, got)
		}
	}
	r.stop()
	r.finished(t)
}

func TestServeRefusesOptions(t *testing.T) {
	cases := map[string]struct {
		reason  string
		options Options
		want    string
	}{
		"NoCredentials": {
			reason:  "Serving without authentication must be asked for.",
			options: Options{MaxRecvMessageSize: 4},
			want:    "--tls-server-certs-dir",
		},
		"MissingCertificates": {
			reason:  "A folder without certificates is found out at the start, not at the first call.",
			options: Options{MaxRecvMessageSize: 4, TLSServerCertsDir: "testdata/nope"},
			want:    "testdata/nope",
		},
		"Size": {
			reason:  "A size of 0 would refuse every request.",
			options: Options{Insecure: true},
			want:    "--max-recv-message-size",
		},
		"Concurrency": {
			reason:  "A negative number is a slip.",
			options: Options{Insecure: true, MaxRecvMessageSize: 4, MaxConcurrent: -1},
			want:    "--max-concurrent",
		},
		"Address": {
			reason:  "The error names the address.",
			options: Options{Insecure: true, MaxRecvMessageSize: 4, Network: "tcp", Address: "127.0.0.1:99999"},
			want:    "127.0.0.1:99999",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.options.Address == "" {
				tc.options.Network, tc.options.Address = "tcp", "127.0.0.1:0"
			}
			err := Serve(t.Context(), tc.options, logging.NewNopLogger(), &function{run: echo})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s\nServe(...): want an error that names %s, got %v", tc.reason, tc.want, err)
			}
		})
	}
}
