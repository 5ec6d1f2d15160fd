// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"net/netip"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// egress opens what the class opens for all and what the claim declares,
// within what the class allows.
func (r *resolver) egress() {
	class := r.in.Class.Spec.Egress
	r.stack.Egress = append(r.stack.Egress, class.Always...)
	for _, name := range sortedKeys(r.merged.Egress) {
		e := r.merged.Egress[name]
		field := "spec.egress." + name
		if e.Host != "" && class.Hosts != v1alpha1.EgressHostsCilium {
			r.problem(field+".host", "is %q, but nothing in class %q can enforce egress by host name (egress.hosts: Refuse): write the address range as cidr, or ask the platform team for egress.hosts: Cilium", e.Host, r.stack.ClassName)
			continue
		}
		if e.CIDR != "" && !r.allowedCIDR(field, e.CIDR) {
			continue
		}
		r.stack.Egress = append(r.stack.Egress, e)
	}
}

func (r *resolver) allowedCIDR(field, cidr string) bool {
	asked, err := netip.ParsePrefix(cidr)
	if err != nil {
		r.problem(field+".cidr", "is %q: write an address range, for example \"203.0.113.0/24\"", cidr)
		return false
	}
	allowed := r.in.Class.Spec.Egress.AllowedCIDRs
	for _, a := range allowed {
		outer, err := netip.ParsePrefix(a)
		if err == nil && outer.Bits() <= asked.Bits() && outer.Contains(asked.Addr()) {
			return true
		}
	}
	r.problem(field+".cidr", "is %q, outside what class %q allows: %s; ask the platform team to add it to egress.allowedCIDRs", cidr, r.stack.ClassName, known("egress.allowedCIDRs has", allowed))
	return false
}
