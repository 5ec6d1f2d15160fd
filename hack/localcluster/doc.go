// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package localcluster runs a real Kubernetes cluster of one node on this
// machine, without a container engine: the control plane, containerd, kubelet
// and kube-proxy as processes, and CoreDNS, a gateway, a volume provisioner and
// Crossplane as pods.
//
// # Network
//
// All of it lives in a network namespace of its own, with a bridge at, say,
// 10.77.0.1/24. One veth pair joins the bridge to this machine, which gets
// 10.77.0.2. So kubectl, curl and registry clients of this machine reach the
// API server (10.77.0.1:6443), the gateway (10.77.0.1:80) and the registry
// (10.77.0.1:5000) directly, and need no privileges for it. When the range
// clashes with a route of this machine, the next of 10.78.0.0/24, 10.79.0.0/24
// and so on is taken. Pods reach neither this machine nor anything beyond it.
//
// Browsers and curl take every name below .localhost for 127.0.0.1, so one more
// process listens there, at port 80 when it is free, and passes connections on
// to the gateway: http://web.preview.localhost just works.
//
// Pods know the registry as registry.preview.localhost:5000, whatever the range
// is. Clients outside push to its address. The node pulls every image from it,
// whatever registry the image names: docker.io/library/postgres:15 is what was
// pushed as library/postgres:15.
//
// # What it does not do
//
// NetworkPolicies are accepted and not enforced: that needs a CNI plugin that
// does, in place of ptp. There is one node, and nothing is kept when the
// cluster goes down but the cache of programs and images.
//
// It needs root and Debian 12 or a system like it; missing Debian packages are
// installed with apt-get, which is the one thing that Down leaves behind.
package localcluster
