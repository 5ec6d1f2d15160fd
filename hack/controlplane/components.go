// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"strconv"

	"github.com/microstaging/preview-stacks/hack/process"
)

// etcd writes without waiting for the disk: a crash of the machine ends the
// control plane anyway, and a shared disk makes etcd lose its leader.
func (cp *ControlPlane) etcd(path string) process.Spec {
	clients, peers := "http://"+local(cp.options.Ports.Etcd), "http://"+local(cp.options.Ports.EtcdPeer)
	return process.Spec{
		Name: "etcd", Path: path, NetNS: cp.options.NetNS,
		Args: []string{
			"--data-dir=" + cp.state("etcd"),
			"--unsafe-no-fsync",
			"--listen-client-urls=" + clients,
			"--advertise-client-urls=" + clients,
			"--listen-peer-urls=" + peers,
			"--initial-advertise-peer-urls=" + peers,
			"--initial-cluster=default=" + peers,
			"--log-level=warn",
		},
		Ready: cp.answers(clients + "/readyz"),
	}
}

func (cp *ControlPlane) apiServer(path string) process.Spec {
	return process.Spec{
		Name: "kube-apiserver", Path: path, NetNS: cp.options.NetNS,
		Args: []string{
			"--etcd-servers=http://" + local(cp.options.Ports.Etcd),
			"--bind-address=" + cp.options.BindAddress,
			"--advertise-address=" + cp.options.AdvertiseAddress,
			"--secure-port=" + strconv.Itoa(cp.options.Ports.API),
			"--tls-cert-file=" + cp.pki(serverDir, "tls.crt"),
			"--tls-private-key-file=" + cp.pki(serverDir, "tls.key"),
			"--client-ca-file=" + cp.pki(caFile),
			"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
			"--service-account-key-file=" + cp.pki(accountsFile),
			"--service-account-signing-key-file=" + cp.pki(accountsKey),
			"--service-cluster-ip-range=" + cp.options.ServiceCIDR,
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--allow-privileged=true",
			"--kubelet-certificate-authority=" + cp.pki(caFile),
			"--kubelet-client-certificate=" + cp.pki(kubeletClient, "tls.crt"),
			"--kubelet-client-key=" + cp.pki(kubeletClient, "tls.key"),
			// Aggregated API servers know the API server by this certificate's name.
			"--requestheader-client-ca-file=" + cp.pki(caFile),
			"--requestheader-allowed-names=" + proxyClient,
			"--requestheader-username-headers=X-Remote-User",
			"--requestheader-group-headers=X-Remote-Group",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-",
			"--proxy-client-cert-file=" + cp.pki(proxyClient, "tls.crt"),
			"--proxy-client-key-file=" + cp.pki(proxyClient, "tls.key"),
			// Node names resolve nowhere: exec and logs go to addresses.
			"--kubelet-preferred-address-types=InternalIP",
			"--profiling=false",
		},
		Ready: cp.apiReady,
	}
}

func (cp *ControlPlane) controllerManager(path string) process.Spec {
	return process.Spec{
		Name: "kube-controller-manager", Path: path, NetNS: cp.options.NetNS,
		Args: append(cp.componentFlags("kube-controller-manager", cp.options.Ports.ControllerManager),
			"--use-service-account-credentials=true",
			"--service-account-private-key-file="+cp.pki(accountsKey),
			"--root-ca-file="+cp.pki(caFile),
			"--cluster-signing-cert-file="+cp.pki(caFile),
			"--cluster-signing-key-file="+cp.pki(caKeyFile),
			"--allocate-node-cidrs=true",
			"--cluster-cidr="+cp.options.PodCIDR,
			"--service-cluster-ip-range="+cp.options.ServiceCIDR,
		),
		Ready: cp.answers("https://" + local(cp.options.Ports.ControllerManager) + "/healthz"),
	}
}

func (cp *ControlPlane) scheduler(path string) process.Spec {
	return process.Spec{
		Name: "kube-scheduler", Path: path, NetNS: cp.options.NetNS,
		Args:  cp.componentFlags("kube-scheduler", cp.options.Ports.Scheduler),
		Ready: cp.answers("https://" + local(cp.options.Ports.Scheduler) + "/readyz"),
	}
}

// componentFlags are those that the controller manager and the scheduler share.
// There is one of each: electing a leader would only delay their start.
func (cp *ControlPlane) componentFlags(name string, port int) []string {
	kubeconfig := kubeconfigPath(cp.options.Dir, name)
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--leader-elect=false",
		"--profiling=false",
	}
}
