// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"bytes"
	"context"
	"fmt"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Counters of Crossplane's core that suites look at.
const (
	// CircuitBreakerOpens counts how often a composite's events were too many,
	// after which they are dropped for minutes.
	CircuitBreakerOpens = "circuit_breaker_opens_total"

	// FunctionCalls counts the requests to functions.
	FunctionCalls = "function_run_function_request_total"
)

// Counter returns the sum of a counter of Crossplane's core over all labels. One
// that was never counted up is zero, and so is one that does not exist.
func (x *Crossplane) Counter(ctx context.Context, name string) (float64, error) {
	body, err := get(ctx, x.cp.prober, x.MetricsURL)
	if err != nil {
		return 0, fmt.Errorf("cannot read Crossplane's metrics: %w", err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("cannot read Crossplane's metrics: %w", err)
	}
	sum := 0.0
	for _, metric := range families[name].GetMetric() {
		sum += metric.GetCounter().GetValue()
	}
	return sum, nil
}
