// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package runtime

import (
	"net/http"
	"time"

	grpcprometheus "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what can be known of a function from outside.
type metrics struct {
	registry *prometheus.Registry
	grpc     *grpcprometheus.ServerMetrics
	running  prometheus.Gauge
	waiting  prometheus.Gauge
	panics   prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		grpc:     grpcprometheus.NewServerMetrics(grpcprometheus.WithServerHandlingTimeHistogram()),
		running:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "function_calls_running", Help: "Calls of the function that are running."}),
		waiting:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "function_calls_waiting", Help: "Calls that wait because as many run as may. Above zero for long: raise --max-concurrent, or add replicas."}),
		panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: "function_panics_total", Help: "Calls that ended in a panic. Each is a bug: its stack is in the log."}),
	}
	m.registry.MustRegister(m.grpc, m.running, m.waiting, m.panics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler serves metrics, and health to those who cannot do mTLS gRPC, such as
// the kubelet. Not ready, as ready tells, means that the function is draining.
func (m *metrics) handler(ready func() bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	return mux
}

func newMetricsServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
}
