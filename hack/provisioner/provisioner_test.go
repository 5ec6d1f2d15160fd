// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package provisioner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func TestVolumeLife(t *testing.T) {
	root := t.TempDir()
	volume, _, err := Folders{Root: root}.Provision(t.Context(), options())
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, "pvc-1")
	if diff := cmp.Diff(folder, volume.Spec.Local.Path); diff != "" {
		t.Errorf("Provision(...): path: -want, +got:\n%s", diff)
	}
	info, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(os.FileMode(0o777), info.Mode().Perm()); diff != "" {
		t.Errorf("a pod of any user writes to the folder: mode: -want, +got:\n%s", diff)
	}
	if err := os.WriteFile(filepath.Join(folder, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (Folders{Root: root}).Delete(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("Delete(...): the folder is still there: %v", err)
	}
}

func TestProvisionRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*controller.ProvisionOptions)
	}{
		"NoNode": {
			reason: "a folder is on one node, so one must be chosen",
			change: func(o *controller.ProvisionOptions) { o.SelectedNodeName = "" },
		},
		"Block": {
			reason: "a folder is no block device",
			change: func(o *controller.ProvisionOptions) { o.PVC.Spec.VolumeMode = ptr.To(corev1.PersistentVolumeBlock) },
		},
		"ReadWriteMany": {
			reason: "a pod on another node would not see the folder",
			change: func(o *controller.ProvisionOptions) {
				o.PVC.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
			},
		},
		"DataSource": {
			reason: "an empty volume would pass for a restored one",
			change: func(o *controller.ProvisionOptions) {
				o.PVC.Spec.DataSource = &corev1.TypedLocalObjectReference{Kind: "VolumeSnapshot", Name: "golden"}
			},
		},
		"Escape": {
			reason: "a name must not lead out of the root",
			change: func(o *controller.ProvisionOptions) { o.PVName = "../etc" },
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			opts := options()
			tc.change(&opts)
			if volume, _, err := (Folders{Root: t.TempDir()}).Provision(t.Context(), opts); err == nil {
				t.Errorf("%s: Provision(...): want an error, got volume %v", tc.reason, volume)
			}
		})
	}
}

func options() controller.ProvisionOptions {
	return controller.ProvisionOptions{
		StorageClass:     &storagev1.StorageClass{ReclaimPolicy: ptr.To(corev1.PersistentVolumeReclaimDelete)},
		PVName:           "pvc-1",
		SelectedNodeName: "preview",
		PVC: &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Name: "data", Namespace: "default"},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
			},
		},
	}
}
