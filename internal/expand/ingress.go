// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// MakeIngress leads one host to its services, where the class's gateway is an
// ingress controller.
func MakeIngress(s *stack.Stack, r stack.Route) *networkingv1.Ingress {
	ingress := &networkingv1.Ingress{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "Ingress"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartRoute, Name: r.Name}, r.Name),
		Spec: networkingv1.IngressSpec{
			IngressClassName: ptr.To(s.Class.Gateway.IngressClassName),
			Rules: []networkingv1.IngressRule{{
				Host:             r.Host,
				IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: ingressPaths(r)}},
			}},
		},
	}
	ingress.Annotations = routeAnnotations(s, r)
	// Without a secret, the controller serves its default certificate: the
	// wildcard of the class's domain. No key comes into a preview namespace.
	if s.Class.Gateway.Scheme != schemeHTTP {
		ingress.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{r.Host}}}
	}
	return ingress
}

const schemeHTTP v1alpha1.Scheme = "http"

func ingressPaths(r stack.Route) []networkingv1.HTTPIngressPath {
	var paths []networkingv1.HTTPIngressPath
	for _, rule := range r.Rules {
		for _, p := range rule.Paths {
			paths = append(paths, networkingv1.HTTPIngressPath{
				Path:     p,
				PathType: ptr.To(networkingv1.PathTypePrefix),
				Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
					Name: rule.Service, Port: networkingv1.ServiceBackendPort{Number: rule.Port},
				}},
			})
		}
	}
	return paths
}
