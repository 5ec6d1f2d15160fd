// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// Where a cluster's DNS is, by convention of all installers.
const (
	dnsNamespace = metav1.NamespaceSystem
	dnsApp       = "kube-dns"
	dnsPort      = 53
)

// defaultInterceptorNamespace is for classes older than the field.
const defaultInterceptorNamespace = "keda"

func policies(s *stack.Stack, _ map[string]int64) []Object {
	objects := []Object{
		{Key: "policy-deny", Part: whole, Role: RoleBase, Object: MakeDenyPolicy(s)},
		{Key: "policy-dns", Part: whole, Role: RoleBase, Object: MakeDNSPolicy(s)},
		{Key: "policy-internal", Part: whole, Role: RoleBase, Object: MakeInternalPolicy(s)},
	}
	for _, svc := range s.Services {
		if p := MakeGatewayPolicy(s, svc); p != nil {
			part := stack.Part{Kind: stack.PartService, Name: svc.Name}
			objects = append(objects, Object{Key: "policy-gateway-" + svc.Name, Part: part, Role: RoleBase, Object: p})
		}
	}
	if p := MakeEgressPolicy(s); p != nil {
		objects = append(objects, Object{Key: "policy-egress", Part: whole, Role: RoleBase, Object: p})
	}
	if p := MakeHostPolicy(s); p != nil {
		objects = append(objects, Object{Key: "policy-hosts", Part: whole, Role: RoleBase, Object: p, NeedsCRD: ciliumPolicyCRD})
	}
	return objects
}

// MakeDenyPolicy closes the namespace both ways; the others open it.
func MakeDenyPolicy(s *stack.Stack) *networkingv1.NetworkPolicy {
	return makePolicy(s, whole, "deny", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
	})
}

// MakeDNSPolicy opens the way to the cluster's DNS.
func MakeDNSPolicy(s *stack.Stack) *networkingv1.NetworkPolicy {
	return makePolicy(s, whole, "dns", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
		Egress: []networkingv1.NetworkPolicyEgressRule{{
			To: []networkingv1.NetworkPolicyPeer{{
				NamespaceSelector: inNamespace(dnsNamespace),
				PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": dnsApp}},
			}},
			Ports: []networkingv1.NetworkPolicyPort{
				policyPort(corev1.ProtocolUDP, dnsPort),
				policyPort(corev1.ProtocolTCP, dnsPort),
			},
		}},
	})
}

// MakeInternalPolicy lets the pods of the namespace talk to each other.
func MakeInternalPolicy(s *stack.Stack) *networkingv1.NetworkPolicy {
	anyPod := []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}
	return makePolicy(s, whole, "internal", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: anyPod}},
		Egress:      []networkingv1.NetworkPolicyEgressRule{{To: anyPod}},
	})
}

// MakeGatewayPolicy opens the exposed ports of a service to the gateway, and to
// the interceptor if requests may come through it, or is nil where there are
// none. Each service has its own: ports belong to pods, and the gateway has no
// business on another service's.
func MakeGatewayPolicy(s *stack.Stack, svc stack.Service) *networkingv1.NetworkPolicy {
	gateway := gatewayNamespace(s)
	exposed := map[string]bool{}
	for _, name := range svc.Exposed {
		exposed[name] = true
	}
	var ports []networkingv1.NetworkPolicyPort
	for _, p := range svc.Ports {
		if exposed[p.Name] {
			ports = append(ports, policyPort(transport(p.Protocol), p.Number))
		}
	}
	if gateway == "" || len(ports) == 0 {
		return nil
	}
	from := []networkingv1.NetworkPolicyPeer{{NamespaceSelector: inNamespace(gateway)}}
	if s.Sleep.Intercepted {
		interceptor := cmp.Or(s.Class.Sleep.InterceptorNamespace, defaultInterceptorNamespace)
		from = append(from, networkingv1.NetworkPolicyPeer{NamespaceSelector: inNamespace(interceptor)})
	}
	part := stack.Part{Kind: stack.PartService, Name: svc.Name}
	return makePolicy(s, part, "gateway-"+svc.Name, networkingv1.NetworkPolicySpec{
		PodSelector: metav1.LabelSelector{MatchLabels: partLabels(s, part)},
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		Ingress: []networkingv1.NetworkPolicyIngressRule{{
			From:  from,
			Ports: ports,
		}},
	})
}

// gatewayNamespace is where the gateway's pods are; empty when nobody said.
func gatewayNamespace(s *stack.Stack) string {
	gateway := s.Class.Gateway
	switch {
	case gateway == nil:
		return ""
	case gateway.Namespace != "":
		return gateway.Namespace
	case gateway.ParentRef != nil:
		return gateway.ParentRef.Namespace
	}
	return ""
}

// MakeEgressPolicy opens the declared ways out, or is nil where there are none.
func MakeEgressPolicy(s *stack.Stack) *networkingv1.NetworkPolicy {
	var rules []networkingv1.NetworkPolicyEgressRule
	for _, e := range s.Egress {
		if rule, ok := egressRule(e); ok {
			rules = append(rules, rule)
		}
	}
	if len(rules) == 0 {
		return nil
	}
	return makePolicy(s, whole, "egress", networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress},
		Egress:      rules,
	})
}

// egressRule is false for what is not an address range, and for a range that
// lies within an address that no stack may reach.
func egressRule(e v1alpha1.Egress) (networkingv1.NetworkPolicyEgressRule, bool) {
	block, ok := ipBlock(e.CIDR)
	if !ok {
		return networkingv1.NetworkPolicyEgressRule{}, false
	}
	var ports []networkingv1.NetworkPolicyPort
	for _, p := range e.Ports {
		ports = append(ports, policyPort(corev1.ProtocolTCP, p))
	}
	return networkingv1.NetworkPolicyEgressRule{To: []networkingv1.NetworkPolicyPeer{{IPBlock: block}}, Ports: ports}, true
}

// makePolicy makes a policy for the pods that spec selects: all, if it does
// not say.
func makePolicy(s *stack.Stack, part stack.Part, name string, spec networkingv1.NetworkPolicySpec) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: makeMeta(s, part, name),
		Spec:       spec,
	}
}

func inNamespace(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: name}}
}

func policyPort(protocol corev1.Protocol, port int32) networkingv1.NetworkPolicyPort {
	return networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: ptr.To(intstr.FromInt32(port))}
}
