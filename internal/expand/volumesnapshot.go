// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const (
	snapshotGroup   = "snapshot.storage.k8s.io"
	snapshotVersion = snapshotGroup + "/v1"
)

// A VolumeSnapshot is as much of the CSI snapshotter's kind as binds to a
// content that exists already.
type VolumeSnapshot struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec VolumeSnapshotSpec `json:"spec"`
}

// A VolumeSnapshotSpec names the content to bind to.
type VolumeSnapshotSpec struct {
	Source                  VolumeSnapshotSource `json:"source"`
	VolumeSnapshotClassName string               `json:"volumeSnapshotClassName,omitempty"`
}

// A VolumeSnapshotSource names the content to bind to.
type VolumeSnapshotSource struct {
	VolumeSnapshotContentName string `json:"volumeSnapshotContentName"`
}

// DeepCopyObject implements runtime.Object.
func (v *VolumeSnapshot) DeepCopyObject() runtime.Object {
	out := *v
	out.ObjectMeta = *v.ObjectMeta.DeepCopy()
	return &out
}

// MakeVolumeSnapshot makes the snapshot that a volume is filled from, in the
// preview namespace: a claim cannot start from a snapshot elsewhere.
func MakeVolumeSnapshot(s *stack.Stack, v stack.Volume) *VolumeSnapshot {
	return &VolumeSnapshot{
		TypeMeta:   metav1.TypeMeta{APIVersion: snapshotVersion, Kind: "VolumeSnapshot"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartVolume, Name: v.Name}, names.GoldenSnapshotName(v.Name)),
		Spec: VolumeSnapshotSpec{
			Source:                  VolumeSnapshotSource{VolumeSnapshotContentName: snapshotContentName(s, v)},
			VolumeSnapshotClassName: v.SnapshotClass,
		},
	}
}

func snapshotContentName(s *stack.Stack, v stack.Volume) string {
	return s.Identity.ClusterScoped(names.GoldenSnapshotName(v.Name))
}
