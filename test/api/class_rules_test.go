// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

// classRules are about classes.
var classRules = map[string]rule{
	"Domain": {
		reason: "People write the URL.",
		accept: `spec: {domain: preview.example.com}`,
		reject: `spec: {domain: "https://preview.example.com"}`,
		want:   `spec.domain: Invalid value: "https://preview.example.com": domain is "https://preview.example.com": write a DNS name without protocol, port or wildcard, for example "preview.example.com"`,
	},
	"DomainWithWildcard": {
		reason: "DNS records have the wildcard, the class has not.",
		accept: `spec: {domain: example}`,
		reject: `spec: {domain: "*.preview.example.com"}`,
		want:   `spec.domain: Invalid value: "*.preview.example.com": domain is "*.preview.example.com": write a DNS name without protocol, port or wildcard, for example "preview.example.com"`,
	},
	"HostTemplateIsUnique": {
		reason: "Two stacks must not share a host.",
		accept: `spec: {hostTemplate: "{service}-{hash5}"}`,
		reject: `spec: {hostTemplate: "{service}-{pr}"}`,
		want:   `spec.hostTemplate: Invalid value: "{service}-{pr}": hostTemplate is "{service}-{pr}": it needs {service}, and {hash5} or {claim}, or two stacks would share a host; for example "{service}-{claim}-{hash5}"`,
	},
	"HostTemplateIsOneLabel": {
		reason: "A wildcard certificate covers one label.",
		accept: `spec: {hostTemplate: "{service}-pr{pr}-{claim}"}`,
		reject: `spec: {hostTemplate: "{service}.{claim}"}`,
		want:   `spec.hostTemplate: Invalid value: "{service}.{claim}": hostTemplate is "{service}.{claim}": it makes one DNS label, because a wildcard certificate covers one; use lower-case letters, digits, hyphens, {service}, {claim}, {hash5} and {pr}, and leave out dots and the domain`,
	},
	"Gateway": {
		reason: "A route attaches to a Gateway.",
		accept: `spec: {gateway: {parentRef: {namespace: gateway-system, name: preview}}}`,
		reject: `spec: {gateway: {kind: HTTPRoute}}`,
		want:   `spec.gateway: Invalid value: gateway.parentRef is missing: kind HTTPRoute needs the Gateway to attach to, for example {namespace: gateway-system, name: preview}`,
	},
	"Ingress": {
		reason: "An Ingress has a class.",
		accept: `spec: {gateway: {kind: Ingress, ingressClassName: nginx, namespace: ingress-nginx}}`,
		reject: `spec: {gateway: {kind: Ingress, namespace: ingress-nginx}}`,
		want:   `spec.gateway: Invalid value: gateway.ingressClassName is missing: kind Ingress needs the ingress class, for example nginx`,
	},
	"IngressNamespace": {
		reason: "Network policies have to let the ingress controller in.",
		accept: `spec: {gateway: {kind: Ingress, ingressClassName: nginx, namespace: ingress-nginx}}`,
		reject: `spec: {gateway: {kind: Ingress, ingressClassName: nginx}}`,
		want:   `spec.gateway: Invalid value: gateway.namespace is missing: kind Ingress needs the namespace that the ingress controller's pods run in, for example ingress-nginx, or network policies would keep it out`,
	},
	"GatewayAnnotations": {
		reason: "A key that Kubernetes refuses would fail every route.",
		accept: `spec: {gateway: {kind: Ingress, ingressClassName: nginx, namespace: ingress-nginx, annotations: {example.com/timeout: "30"}}}`,
		reject: `spec: {gateway: {kind: Ingress, ingressClassName: nginx, namespace: ingress-nginx, annotations: {"proxy timeout": "30"}}}`,
		want:   `spec.gateway.annotations: Invalid value: annotations has a key that Kubernetes refuses, or a value of more than 4096 characters: write keys such as example.com/timeout`,
	},
	"OIDC": {
		reason: "What asks who it is has to be named.",
		accept: `spec: {auth: {oidc: {extensionRef: {group: traefik.io, kind: Middleware, name: oidc}}}}`,
		reject: `spec: {auth: {oidc: {}}}`,
		want:   `spec.auth.oidc: Invalid value: auth.oidc is empty: set extensionRef (a filter for HTTPRoutes, such as a Traefik Middleware) or annotations (for Ingresses)`,
	},
	"OIDCAnnotations": {
		reason: "A key that Kubernetes refuses would fail every route.",
		accept: `spec: {auth: {oidc: {annotations: {example.com/auth: oidc}}}}`,
		reject: `spec: {auth: {oidc: {annotations: {"": oidc}}}}`,
		want:   `spec.auth.oidc.annotations: Invalid value: annotations has a key that Kubernetes refuses, or a value of more than 4096 characters: write keys such as example.com/timeout`,
	},
	"LimitOfCPU": {
		reason: "An amount of Kubernetes.",
		accept: `spec: {limits: {cpu: 8}}`,
		reject: `spec: {limits: {cpu: eight}}`,
		want:   `spec.limits.cpu: Invalid value: "eight": limits.cpu is not an amount above zero: write an amount such as "8"`,
	},
	"LimitOfMemory": {
		reason: "An amount of Kubernetes.",
		accept: `spec: {limits: {memory: 16Gi}}`,
		reject: `spec: {limits: {memory: 16GB}}`,
		want:   `spec.limits.memory: Invalid value: "16GB": limits.memory is not an amount above zero: write an amount such as "16Gi"`,
	},
	"LimitOfStorage": {
		reason: "An amount of Kubernetes.",
		accept: `spec: {limits: {storage: 50Gi}}`,
		reject: `spec: {limits: {storage: 0}}`,
		want:   `spec.limits.storage: Invalid value: 0: limits.storage is not an amount above zero: write an amount such as "50Gi"`,
	},
	"LimitOfPods": {
		reason: "A class is bounded itself.",
		accept: `spec: {limits: {pods: 200}}`,
		reject: `spec: {limits: {pods: 1000}}`,
		want:   `spec.limits.pods: Invalid value: 1000: spec.limits.pods in body should be less than or equal to 200`,
	},
	"DefaultsOfCPU": {
		reason: "An amount of Kubernetes.",
		accept: `spec: {defaults: {limits: {cpu: 500m}}}`,
		reject: `spec: {defaults: {limits: {cpu: half}}}`,
		want:   `spec.defaults.limits.cpu: Invalid value: "half": cpu is not an amount above zero: write an amount such as "500m" (half a core) or "2"`,
	},
	"TTL": {
		reason: "Days are not a unit.",
		accept: `spec: {lifecycle: {ttl: 48h}}`,
		reject: `spec: {lifecycle: {ttl: 2d}}`,
		want:   `spec.lifecycle.ttl: Invalid value: "2d": ttl is "2d", which is not a duration: write hours or minutes, for example "4h"`,
	},
	"MaxTTL": {
		reason: "A bound has to be a duration too.",
		accept: `spec: {lifecycle: {maxTTL: 168h}}`,
		reject: `spec: {lifecycle: {maxTTL: 1 week}}`,
		want:   `spec.lifecycle.maxTTL: Invalid value: "1 week": maxTTL is "1 week", which is not a duration: write hours, for example "72h"`,
	},
	"TTLWithinMaxTTL": {
		reason: "A default that claims may not ask for.",
		accept: `spec: {lifecycle: {ttl: 72h, maxTTL: 72h}}`,
		reject: `spec: {lifecycle: {ttl: 96h}}`,
		want:   `spec.lifecycle: Invalid value: lifecycle.ttl is 96h, longer than lifecycle.maxTTL, which is 72h: lower ttl, or raise maxTTL`,
	},
	"CloseGrace": {
		reason: "Minutes are written m.",
		accept: `spec: {lifecycle: {closeGrace: 0m}}`,
		reject: `spec: {lifecycle: {closeGrace: 5min}}`,
		want:   `spec.lifecycle.closeGrace: Invalid value: "5min": closeGrace is "5min", which is not a duration: write hours or minutes, for example "30m"`,
	},
	"PriceOfCPU": {
		reason: "Prices have a point, and no currency.",
		accept: `spec: {prices: {cpu: "0.031"}}`,
		reject: `spec: {prices: {cpu: "$0.031"}}`,
		want:   `spec.prices.cpu: Invalid value: "$0.031": prices.cpu is not an amount of zero or more: write an amount such as "0.031"`,
	},
	"PriceOfMemory": {
		reason: "Prices have a point.",
		accept: `spec: {prices: {memory: 0}}`,
		reject: `spec: {prices: {memory: "0,004"}}`,
		want:   `spec.prices.memory: Invalid value: "0,004": prices.memory is not an amount of zero or more: write an amount such as "0.004"`,
	},
	"PriceOfStorage": {
		reason: "Nobody is paid for storing.",
		accept: `spec: {prices: {storage: "0.00014"}}`,
		reject: `spec: {prices: {storage: "-1"}}`,
		want:   `spec.prices.storage: Invalid value: "-1": prices.storage is not an amount of zero or more: write an amount such as "0.00014"`,
	},
	"PriceOfDatabase": {
		reason: "Prices have a point, and no currency.",
		accept: `spec: {prices: {database: "0.01"}}`,
		reject: `spec: {prices: {database: 0.01 EUR}}`,
		want:   `spec.prices.database: Invalid value: "0.01 EUR": prices.database is not an amount of zero or more: write an amount such as "0.01"`,
	},
	"GoldenNames": {
		reason: "Claims name goldens.",
		accept: `spec: {storage: {goldens: {uploads: {driver: ebs.csi.aws.com, handle: snap-1, size: 20Gi}}}}`,
		reject: `spec: {storage: {goldens: {Uploads: {driver: ebs.csi.aws.com, handle: snap-1, size: 20Gi}}}}`,
		want:   `spec.storage.goldens: Invalid value: goldens has the name "Uploads", which cannot be used: use lower-case letters, digits and hyphens, at most 63 characters, for example uploads`,
	},
	"GoldenSize": {
		reason: "An amount of Kubernetes.",
		accept: `spec: {storage: {goldens: {a: {driver: d, handle: h, size: 20Gi}}}}`,
		reject: `spec: {storage: {goldens: {a: {driver: d, handle: h, size: 20GB}}}}`,
		want:   `spec.storage.goldens[a].size: Invalid value: "20GB": size is not an amount above zero: write an amount such as "20Gi"`,
	},
	"PodSecurity": {
		reason: "Privileged is not for previews.",
		accept: `spec: {podSecurity: {level: Baseline}}`,
		reject: `spec: {podSecurity: {level: Privileged}}`,
		want:   `spec.podSecurity.level: Unsupported value: "Privileged": supported values: "Restricted", "Baseline"`,
	},
	"DefaultRunAsUser": {
		reason: "Root is what a class must not make the default.",
		accept: `spec: {podSecurity: {defaultRunAsUser: 10001}}`,
		reject: `spec: {podSecurity: {defaultRunAsUser: 0}}`,
		want:   `spec.podSecurity.defaultRunAsUser: Invalid value: 0: spec.podSecurity.defaultRunAsUser in body should be greater than or equal to 1`,
	},
	"AllowedCIDRs": {
		reason: "One address is a range of one.",
		accept: `spec: {egress: {allowedCIDRs: [203.0.113.0/24]}}`,
		reject: `spec: {egress: {allowedCIDRs: [203.0.113.0/24, 10.0.0.1]}}`,
		want:   `spec.egress.allowedCIDRs: Invalid value: allowedCIDRs has "10.0.0.1": write an address range, for example "203.0.113.0/24"`,
	},
	"EgressHosts": {
		reason: "What enforces names has to exist.",
		accept: `spec: {egress: {hosts: Cilium}}`,
		reject: `spec: {egress: {hosts: Allow}}`,
		want:   `spec.egress.hosts: Unsupported value: "Allow": supported values: "Refuse", "Cilium"`,
	},
	"EgressAlways": {
		reason: "A way out leads to a name or to addresses.",
		accept: `spec: {egress: {always: [{cidr: 10.1.0.0/16, ports: [5432]}]}}`,
		reject: `spec: {egress: {always: [{cidr: 10.1.0.0/16, host: db.example.com, ports: [5432]}]}}`,
		want:   `spec.egress.always[0]: Invalid value: set exactly one of host (such as api.stripe.com) and cidr (such as 203.0.113.0/24)`,
	},
	"EgressAlwaysHost": {
		reason: "A host has no protocol.",
		accept: `spec: {egress: {always: [{host: db.example.com, ports: [5432]}]}}`,
		reject: `spec: {egress: {always: [{host: "tcp://db.example.com", ports: [5432]}]}}`,
		want:   `spec.egress.always[0].host: Invalid value: "tcp://db.example.com": host is "tcp://db.example.com": write a full host name without protocol, path or port, for example "api.stripe.com"`,
	},
	"EgressAlwaysCIDR": {
		reason: "One address is a range of one.",
		accept: `spec: {egress: {always: [{cidr: 10.1.2.3/32, ports: [5432]}]}}`,
		reject: `spec: {egress: {always: [{cidr: 10.1.2.3, ports: [5432]}]}}`,
		want:   `spec.egress.always[0].cidr: Invalid value: "10.1.2.3": cidr is "10.1.2.3": write an address range, for example "203.0.113.0/24", or "203.0.113.7/32" for one address`,
	},
	"Target": {
		reason: "Objects go to a cluster that has to be named.",
		accept: `spec: {target: {mode: Objects, providerConfigRef: {name: preview-cluster}}}`,
		reject: `spec: {target: {mode: Objects}}`,
		want:   `spec.target: Invalid value: target.providerConfigRef is missing: mode Objects needs the provider-kubernetes ProviderConfig of the cluster to run in, for example {name: preview-cluster}`,
	},
	"LinkTitles": {
		reason: "Titles are shown.",
		accept: `spec: {links: {Logs of it: "https://logs.example.com/?ns={namespace}"}}`,
		reject: `spec: {links: {"": "https://logs.example.com"}}`,
		want:   `spec.links: Invalid value: links has a title that cannot be used: use at most 60 plain characters, for example Logs`,
	},
	"Links": {
		reason: "A link is clicked on in a pull request.",
		accept: `spec: {links: {Logs: "http://logs.example.com/{claim}"}}`,
		reject: `spec: {links: {Logs: "javascript:alert(1)"}}`,
		want:   `spec.links[Logs]: Invalid value: "javascript:alert(1)": link is "javascript:alert(1)": write a URL that starts with https:// or http://, for example "https://logs.example.com/?ns={namespace}"`,
	},
}
