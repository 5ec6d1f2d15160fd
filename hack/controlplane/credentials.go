// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Groups and users that the API server's default roles know.
const (
	groupAdmins           = "system:masters"
	userControllerManager = "system:kube-controller-manager"
	userScheduler         = "system:kube-scheduler"
)

// Files of the folder pki, named as the API server's flags speak of them.
const (
	caFile        = "ca.crt"
	caKeyFile     = "ca.key"
	accountsFile  = "service-accounts.crt"
	accountsKey   = "service-accounts.key"
	serverDir     = "apiserver"
	kubeletClient = "kubelet-client"
	proxyClient   = "front-proxy-client"
)

// writePKI makes the certificate authority and everything it has to sign before
// the API server can start.
func (cp *ControlPlane) writePKI() error {
	ca, err := NewCA("preview-stacks")
	if err != nil {
		return err
	}
	cp.CA = ca
	caKey, err := ca.keyPEM()
	if err != nil {
		return err
	}
	serviceIP, err := cp.options.apiServiceIP()
	if err != nil {
		return err
	}
	accounts, err := ca.Issue(Subject{Name: "service-accounts"})
	if err != nil {
		return err
	}
	if err := writeFiles(cp.pki(), map[string][]byte{
		caFile:       ca.PEM,
		caKeyFile:    caKey,
		accountsFile: accounts.Certificate,
		accountsKey:  accounts.Key,
	}); err != nil {
		return err
	}
	names := []string{
		"localhost", "127.0.0.1", cp.options.AdvertiseAddress, serviceIP, "kubernetes", "kubernetes.default",
		"kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}
	if err := ca.IssueFiles(cp.pki(serverDir), Subject{Name: "kube-apiserver", Hosts: names}); err != nil {
		return err
	}
	if err := ca.IssueFiles(cp.pki(proxyClient), Subject{Name: proxyClient}); err != nil {
		return err
	}
	return ca.IssueFiles(cp.pki(kubeletClient), Subject{Name: "kube-apiserver-kubelet-client", Groups: []string{groupAdmins}})
}

// writeKubeconfigs makes those of the administrator and of the components.
func (cp *ControlPlane) writeKubeconfigs() error {
	for name, subject := range map[string]Subject{
		adminKubeconfig:           {Name: "admin", Groups: []string{groupAdmins}},
		"kube-controller-manager": {Name: userControllerManager},
		"kube-scheduler":          {Name: userScheduler},
	} {
		if _, err := cp.WriteKubeconfig(name, subject); err != nil {
			return err
		}
	}
	return nil
}

// WriteKubeconfig issues a client certificate and writes a kubeconfig that
// carries it, and returns the file's path. The name names the file.
func (cp *ControlPlane) WriteKubeconfig(name string, s Subject) (string, error) {
	pair, err := cp.CA.Issue(s)
	if err != nil {
		return "", err
	}
	return cp.writeKubeconfig(name, &clientcmdapi.AuthInfo{ClientCertificateData: pair.Certificate, ClientKeyData: pair.Key})
}

func (cp *ControlPlane) writeKubeconfig(name string, user *clientcmdapi.AuthInfo) (string, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["local"] = &clientcmdapi.Cluster{Server: cp.Server(), CertificateAuthorityData: cp.CA.PEM}
	config.AuthInfos[name] = user
	config.Contexts[name] = &clientcmdapi.Context{Cluster: "local", AuthInfo: name}
	config.CurrentContext = name
	path := kubeconfigPath(cp.options.Dir, name)
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", fmt.Errorf("cannot write the kubeconfig of %s: %w", name, err)
	}
	return path, nil
}

// Server is the URL of the API server.
func (cp *ControlPlane) Server() string {
	return "https://" + net.JoinHostPort(cp.options.AdvertiseAddress, strconv.Itoa(cp.options.Ports.API))
}

// Kubeconfig is the path of the administrator's kubeconfig.
func (cp *ControlPlane) Kubeconfig() string { return KubeconfigPath(cp.options.Dir) }

// KubeconfigPath is where the administrator's kubeconfig of the control plane in
// a run folder is, for a program that did not start it.
func KubeconfigPath(dir string) string { return kubeconfigPath(dir, adminKubeconfig) }

const adminKubeconfig = "admin"

func kubeconfigPath(dir, name string) string {
	return filepath.Join(dir, stateDir, "kubeconfig", name)
}

// RESTConfig is how to reach the API server as the administrator, also from
// outside the control plane's network namespace, without a limit of the
// client's own on how many requests it sends.
func (cp *ControlPlane) RESTConfig() *rest.Config { return rest.CopyConfig(cp.config) }

// RESTConfig is like ControlPlane.RESTConfig, for a program that did not start
// the control plane. An empty netNS is this program's own network.
func RESTConfig(dir, netNS string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", KubeconfigPath(dir))
	if err != nil {
		return nil, fmt.Errorf("cannot read the kubeconfig of the control plane in %s: %w", dir, err)
	}
	config.QPS = -1
	config.Dial = DialContext(netNS)
	return config, nil
}
