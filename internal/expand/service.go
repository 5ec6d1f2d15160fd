// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// appProtocolH2C tells a gateway to speak HTTP/2 without TLS, as gRPC needs.
const appProtocolH2C = "kubernetes.io/h2c"

// MakeService makes the in-cluster address of a service or mock.
func MakeService(s *stack.Stack, part stack.Part, ports []stack.Port) *corev1.Service {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: makeMeta(s, part, part.Name),
		Spec: corev1.ServiceSpec{
			Type:     corev1.ServiceTypeClusterIP,
			Selector: partLabels(s, part),
			Ports:    servicePorts(ports),
		},
	}
}

func servicePorts(ports []stack.Port) []corev1.ServicePort {
	out := make([]corev1.ServicePort, 0, len(ports))
	for _, p := range ports {
		port := corev1.ServicePort{
			Name: p.Name, Port: p.Number, TargetPort: intstr.FromInt32(p.Number), Protocol: transport(p.Protocol),
		}
		if p.Protocol == v1alpha1.ProtocolGRPC {
			port.AppProtocol = ptr.To(appProtocolH2C)
		}
		out = append(out, port)
	}
	return out
}

func transport(p v1alpha1.PortProtocol) corev1.Protocol {
	if p == v1alpha1.ProtocolUDP {
		return corev1.ProtocolUDP
	}
	return corev1.ProtocolTCP
}
