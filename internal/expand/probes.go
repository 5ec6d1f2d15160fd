// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/microstaging/preview-stacks/internal/stack"
)

// Seconds of the probes. A start is watched every second, because people wait
// for it; a command costs a process each time, so it runs half as often.
const (
	startPeriod     = 1
	startPeriodExec = 2
	readyPeriod     = 5
	probeTimeout    = 5
)

// probe sets the startup and the readiness probe. There is no liveness probe:
// a preview that hangs should be seen hanging, with its logs.
func probe(c *corev1.Container, check stack.Check) {
	handler, ok := probeHandler(check)
	if !ok {
		return
	}
	period := int32(startPeriod)
	if handler.Exec != nil {
		period = startPeriodExec
	}
	c.StartupProbe = &corev1.Probe{
		ProbeHandler:     handler,
		PeriodSeconds:    period,
		TimeoutSeconds:   probeTimeout,
		FailureThreshold: max(1, int32(math.Ceil(float64(check.StartSeconds)/float64(period)))),
	}
	c.ReadinessProbe = &corev1.Probe{
		ProbeHandler:     handler,
		PeriodSeconds:    readyPeriod,
		TimeoutSeconds:   probeTimeout,
		FailureThreshold: 3,
	}
}

// probeHandler is false when there is nothing to check.
func probeHandler(check stack.Check) (corev1.ProbeHandler, bool) {
	port := intstr.FromInt32(check.Port)
	switch {
	case len(check.Command) > 0:
		return corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: check.Command}}, true
	case check.HTTPPath != "":
		return corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: check.HTTPPath, Port: port}}, true
	case check.GRPC:
		return corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: check.Port}}, true
	case check.TCP:
		return corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: port}}, true
	}
	return corev1.ProbeHandler{}, false
}
