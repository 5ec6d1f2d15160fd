// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package provisioner makes volumes of the local cluster: each is a folder on
// the node it is used on.
//
// It does not limit a volume to its size, takes no snapshots, and is not for a
// cluster whose data matters.
package provisioner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// Name is what a StorageClass names to get volumes from here.
const Name = "microstaging.dev/local"

// Folders makes volumes below a folder, which has the same path on the node and
// in the provisioner's container.
type Folders struct {
	Root string
}

var _ controller.Provisioner = Folders{}

// Run serves volume claims until ctx ends.
func Run(ctx context.Context, client kubernetes.Interface, root string) error {
	if !filepath.IsAbs(root) {
		return fmt.Errorf("the folder for volumes is %q, which is not an absolute path", root)
	}
	// One replica needs no election, and so no right to write leases.
	pc := controller.NewProvisionController(ctx, client, Name, Folders{Root: root}, controller.LeaderElection(false), controller.MetricsPort(0))
	pc.Run(ctx)
	return nil
}

// Provision makes the folder of a volume.
func (f Folders) Provision(_ context.Context, opts controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	if opts.SelectedNodeName == "" {
		return nil, controller.ProvisioningFinished, errors.New("no node is chosen yet: the storage class needs volumeBindingMode WaitForFirstConsumer")
	}
	if mode := opts.PVC.Spec.VolumeMode; mode != nil && *mode != corev1.PersistentVolumeFilesystem {
		return nil, controller.ProvisioningFinished, fmt.Errorf("volumeMode is %s: only Filesystem can be had here", *mode)
	}
	if slices.Contains(opts.PVC.Spec.AccessModes, corev1.ReadWriteMany) {
		return nil, controller.ProvisioningFinished, errors.New("accessModes has ReadWriteMany: a volume here is on one node; use ReadWriteOnce")
	}
	if source := opts.PVC.Spec.DataSource; source != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("dataSource is %s %s: volumes here are always empty", source.Kind, source.Name)
	}
	folder, err := f.folder(opts.PVName)
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	if err := makeFolder(folder); err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("cannot make volume %s: %w", opts.PVName, err)
	}
	return makeVolume(opts, folder), controller.ProvisioningFinished, nil
}

// Delete removes the folder of a volume and all that is in it.
func (f Folders) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	folder, err := f.folder(volume.Name)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("cannot remove volume %s: %w", volume.Name, err)
	}
	return nil
}

// folder is where a volume is. It is derived from the name, never read from the
// object: whoever can edit one must not choose what is removed here.
func (f Folders) folder(name string) (string, error) {
	if name == "" || name != filepath.Base(name) || name == ".." || name == "." {
		return "", fmt.Errorf("cannot use %q as the name of a folder", name)
	}
	return filepath.Join(f.Root, name), nil
}

// makeFolder makes a folder that any user may write to. The volume may be
// mounted by pods of any user, with or without an fsGroup.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777) // past the umask
}

// makeVolume describes a folder as a volume of its node.
func makeVolume(opts controller.ProvisionOptions, folder string) *corev1.PersistentVolume {
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: opts.PVName},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *opts.StorageClass.ReclaimPolicy,
			AccessModes:                   opts.PVC.Spec.AccessModes,
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: opts.PVC.Spec.Resources.Requests[corev1.ResourceStorage]},
			PersistentVolumeSource:        corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: folder}},
			NodeAffinity: &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
				MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{opts.SelectedNodeName}}},
			}}}},
		},
	}
}
