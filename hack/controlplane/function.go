// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"fmt"
	"net"

	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// pausedAnnotation keeps Crossplane's package manager from fetching a package.
const pausedAnnotation = "crossplane.io/paused"

// InstallFunction makes Crossplane call a composition function that some process
// serves, without its package: the Function and its active revision say that
// they are paused, and the revision's status names the address, a host and port.
// Calling it again moves the function.
//
// It returns the folder with the certificate that the process has to serve with
// (tls.crt, tls.key, and ca.crt to verify Crossplane's): TLS_SERVER_CERTS_DIR
// for one made with Crossplane's SDK.
func (x *Crossplane) InstallFunction(ctx context.Context, name, packageRef, address string) (certsDir string, err error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("cannot install function %s: address is %q: write host and port, such as 127.0.0.1:9443: %w", name, address, err)
	}
	if err := x.installFunction(ctx, name, packageRef, address); err != nil {
		return "", fmt.Errorf("cannot install function %s: %w", name, err)
	}
	certsDir = x.cp.state("functions", name)
	return certsDir, x.ca.IssueFiles(certsDir, Subject{Name: name, Hosts: []string{host}})
}

func (x *Crossplane) installFunction(ctx context.Context, name, packageRef, address string) error {
	function := &pkgv1.Function{ObjectMeta: paused(name)}
	if _, err := controllerutil.CreateOrUpdate(ctx, x.cp.Client, function, func() error {
		function.Spec.Package = packageRef
		return nil
	}); err != nil {
		return err
	}
	revision := &pkgv1.FunctionRevision{ObjectMeta: paused(name + "-1")}
	if _, err := controllerutil.CreateOrUpdate(ctx, x.cp.Client, revision, func() error {
		revision.Labels = map[string]string{pkgv1.LabelParentPackage: name}
		revision.Spec.DesiredState = pkgv1.PackageRevisionActive
		revision.Spec.Package = packageRef
		revision.Spec.Revision = 1
		return controllerutil.SetControllerReference(function, revision, x.cp.Client.Scheme())
	}); err != nil {
		return err
	}
	before := revision.DeepCopy()
	revision.Status.Endpoint = address
	revision.Status.Capabilities = []string{"composition"}
	revision.SetConditions(pkgv1.RevisionHealthy(), pkgv1.RuntimeHealthy())
	if err := x.cp.Client.Status().Patch(ctx, revision, client.MergeFrom(before)); err != nil {
		return err
	}
	installed := function.DeepCopy()
	function.Status.CurrentRevision = revision.Name
	function.SetConditions(pkgv1.Active(), pkgv1.Healthy())
	return x.cp.Client.Status().Patch(ctx, function, client.MergeFrom(installed))
}

func paused(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Annotations: map[string]string{pausedAnnotation: "true"}}
}
