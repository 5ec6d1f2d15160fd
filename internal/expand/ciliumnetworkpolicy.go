// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const ciliumPolicyCRD = "ciliumnetworkpolicies.cilium.io"

// A CiliumNetworkPolicy is as much of Cilium's kind as opens hosts by name.
// https://docs.cilium.io/en/stable/security/policy/language/#dns-based
type CiliumNetworkPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec CiliumSpec `json:"spec"`
}

// A CiliumSpec selects pods and says where they may go.
type CiliumSpec struct {
	EndpointSelector metav1.LabelSelector `json:"endpointSelector"`
	Egress           []CiliumEgress       `json:"egress"`
}

// A CiliumEgress is one way out.
type CiliumEgress struct {
	ToEndpoints []metav1.LabelSelector `json:"toEndpoints,omitempty"`
	ToFQDNs     []CiliumHost           `json:"toFQDNs,omitempty"`
	ToPorts     []CiliumPorts          `json:"toPorts"`
}

// A CiliumHost names one host.
type CiliumHost struct {
	MatchName string `json:"matchName"`
}

// CiliumPorts are ports, and what may be said on them.
type CiliumPorts struct {
	Ports []CiliumPort `json:"ports"`
	Rules *CiliumRules `json:"rules,omitempty"`
}

// A CiliumPort is a port; Cilium writes its number as text.
type CiliumPort struct {
	Port     string `json:"port"`
	Protocol string `json:"protocol"`
}

// CiliumRules are the names that may be asked for.
type CiliumRules struct {
	DNS []CiliumDNSRule `json:"dns,omitempty"`
}

// A CiliumDNSRule is a pattern of names.
type CiliumDNSRule struct {
	MatchPattern string `json:"matchPattern"`
}

// DeepCopyObject implements runtime.Object.
func (p *CiliumNetworkPolicy) DeepCopyObject() runtime.Object {
	out := *p
	out.ObjectMeta = *p.ObjectMeta.DeepCopy()
	p.Spec.EndpointSelector.DeepCopyInto(&out.Spec.EndpointSelector)
	out.Spec.Egress = slices.Clone(p.Spec.Egress)
	for i, e := range out.Spec.Egress {
		out.Spec.Egress[i] = e.deepCopy()
	}
	return &out
}

func (e CiliumEgress) deepCopy() CiliumEgress {
	e.ToEndpoints = slices.Clone(e.ToEndpoints)
	for i := range e.ToEndpoints {
		e.ToEndpoints[i] = *e.ToEndpoints[i].DeepCopy()
	}
	e.ToFQDNs, e.ToPorts = slices.Clone(e.ToFQDNs), slices.Clone(e.ToPorts)
	for i, p := range e.ToPorts {
		e.ToPorts[i].Ports = slices.Clone(p.Ports)
		if p.Rules != nil {
			e.ToPorts[i].Rules = &CiliumRules{DNS: slices.Clone(p.Rules.DNS)}
		}
	}
	return e
}

// MakeHostPolicy opens hosts by name, which a NetworkPolicy cannot say. It is
// nil where the stack names none, or the class has nothing to enforce it.
func MakeHostPolicy(s *stack.Stack) *CiliumNetworkPolicy {
	if s.Class.Egress.Hosts != v1alpha1.EgressHostsCilium {
		return nil
	}
	// Cilium learns the addresses of names by reading the answers of DNS.
	rules := []CiliumEgress{ciliumDNS()}
	for _, e := range s.Egress {
		if e.Host != "" {
			rules = append(rules, ciliumHost(e))
		}
	}
	if len(rules) == 1 {
		return nil
	}
	return &CiliumNetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: "cilium.io/v2", Kind: "CiliumNetworkPolicy"},
		ObjectMeta: makeMeta(s, whole, "hosts"),
		Spec:       CiliumSpec{Egress: rules},
	}
}

func ciliumDNS() CiliumEgress {
	return CiliumEgress{
		ToEndpoints: []metav1.LabelSelector{{MatchLabels: map[string]string{
			"k8s:io.kubernetes.pod.namespace": dnsNamespace,
			"k8s:k8s-app":                     dnsApp,
		}}},
		ToPorts: []CiliumPorts{{
			Ports: []CiliumPort{{Port: strconv.Itoa(dnsPort), Protocol: "ANY"}},
			Rules: &CiliumRules{DNS: []CiliumDNSRule{{MatchPattern: "*"}}},
		}},
	}
}

func ciliumHost(e v1alpha1.Egress) CiliumEgress {
	var ports []CiliumPort
	for _, p := range e.Ports {
		ports = append(ports, CiliumPort{Port: strconv.Itoa(int(p)), Protocol: string(corev1.ProtocolTCP)})
	}
	return CiliumEgress{ToFQDNs: []CiliumHost{{MatchName: e.Host}}, ToPorts: []CiliumPorts{{Ports: ports}}}
}
