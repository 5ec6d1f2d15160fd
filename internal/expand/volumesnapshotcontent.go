// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// A VolumeSnapshotContent is as much of the CSI snapshotter's kind as stands
// for a snapshot that the storage system keeps already.
type VolumeSnapshotContent struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec VolumeSnapshotContentSpec `json:"spec"`
}

// A VolumeSnapshotContentSpec names the snapshot and who may bind to it.
type VolumeSnapshotContentSpec struct {
	DeletionPolicy          string                      `json:"deletionPolicy"`
	Driver                  string                      `json:"driver"`
	Source                  VolumeSnapshotContentSource `json:"source"`
	VolumeSnapshotClassName string                      `json:"volumeSnapshotClassName,omitempty"`
	VolumeSnapshotRef       VolumeSnapshotRef           `json:"volumeSnapshotRef"`
}

// A VolumeSnapshotContentSource names the snapshot within its driver.
type VolumeSnapshotContentSource struct {
	SnapshotHandle string `json:"snapshotHandle"`
}

// A VolumeSnapshotRef names the snapshot that may bind. The snapshotter adds
// its UID, which is not ours to own.
type VolumeSnapshotRef struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

// DeepCopyObject implements runtime.Object.
func (v *VolumeSnapshotContent) DeepCopyObject() runtime.Object {
	out := *v
	out.ObjectMeta = *v.ObjectMeta.DeepCopy()
	return &out
}

// MakeVolumeSnapshotContent makes the stack's own handle on a golden snapshot.
// Deleting it must never delete the golden: Retain.
func MakeVolumeSnapshotContent(s *stack.Stack, v stack.Volume) *VolumeSnapshotContent {
	snapshot := names.GoldenSnapshotName(v.Name)
	return &VolumeSnapshotContent{
		TypeMeta:   metav1.TypeMeta{APIVersion: snapshotVersion, Kind: "VolumeSnapshotContent"},
		ObjectMeta: makeClusterMeta(s, stack.Part{Kind: stack.PartVolume, Name: v.Name}, snapshot),
		Spec: VolumeSnapshotContentSpec{
			DeletionPolicy:          "Retain",
			Driver:                  v.Golden.Driver,
			Source:                  VolumeSnapshotContentSource{SnapshotHandle: v.Golden.Handle},
			VolumeSnapshotClassName: v.SnapshotClass,
			VolumeSnapshotRef: VolumeSnapshotRef{
				APIVersion: snapshotVersion, Kind: "VolumeSnapshot", Namespace: s.Namespace, Name: snapshot,
			},
		},
	}
}
