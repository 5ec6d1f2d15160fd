// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// tokenLife outlasts any run of a suite. The API server would not renew the
// token of a process that is not in a pod.
const tokenLife = 24 * time.Hour

// WriteServiceAccountKubeconfig writes a kubeconfig with a token of a service
// account, for a process that would run as that account in a pod, and returns
// the file's path.
func (cp *ControlPlane) WriteServiceAccountKubeconfig(ctx context.Context, namespace, name string) (string, error) {
	account := &corev1.ServiceAccount{}
	account.Namespace, account.Name = namespace, name
	seconds := int64(tokenLife.Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	if err := cp.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return "", fmt.Errorf("cannot get a token for service account %s/%s: %w", namespace, name, err)
	}
	return cp.writeKubeconfig(namespace+"-"+name, &clientcmdapi.AuthInfo{Token: request.Status.Token})
}
