// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	// alwaysAwake is the time without traffic after which a stack never sleeps.
	alwaysAwake = "Never"
	// defaultSleepAfter is for classes older than the field.
	defaultSleepAfter = "30m"
)

// sleep resolves what puts the stack to sleep. That the class's mode cannot be
// had is no reason to refuse a stack: it runs, and says so.
func (r *resolver) sleep() {
	class := r.in.Class.Spec.Sleep
	asked := lifecycleOf(r.in.Spec, r.in.Blueprint).SleepAfter
	s := Sleep{Mode: orDefault(class.Mode, v1alpha1.SleepNever)}
	if s.Mode == v1alpha1.SleepTraffic {
		if s.Instead = r.keepsItsRoutes(); s.Instead != "" || asked == alwaysAwake {
			s.Mode = v1alpha1.SleepSchedule
		}
	}
	if asked == alwaysAwake {
		asked = ""
	}
	after := orDefault(orDefault(asked, class.After), defaultSleepAfter)
	s.After = r.duration("spec.lifecycle.sleepAfter", after)
	s.Intercepted = s.Mode == v1alpha1.SleepTraffic || r.in.Intercepted
	r.stack.Sleep = s
}

// keepsItsRoutes says why requests to the stack cannot lead through the
// interceptor, which would have to see them to wake it.
func (r *resolver) keepsItsRoutes() string {
	class := r.in.Class.Spec
	switch {
	case len(r.stack.Routes) == 0:
		return "it has no URL, so no request can wake it"
	case r.stack.Target.Mode == v1alpha1.TargetObjects:
		return "it runs in another cluster, whose traffic is not seen from here"
	case class.Gateway != nil && class.Gateway.Kind == v1alpha1.GatewayIngress:
		return "its URLs are Ingresses, and only HTTPRoutes lead to the interceptor"
	}
	auth := orDefault(class.Sleep.Auth, v1alpha1.AuthNone)
	for _, route := range r.stack.Routes {
		if route.Auth != auth {
			return fmt.Sprintf("host %s has auth %s, and the class's route to the interceptor %s (sleep.auth)", route.Name, route.Auth, auth)
		}
		for _, rule := range route.Rules {
			if rule.Protocol == v1alpha1.ProtocolGRPC {
				return fmt.Sprintf("host %s leads to the gRPC port of service %s, which the interceptor does not pass on", route.Name, rule.Service)
			}
		}
	}
	return ""
}
