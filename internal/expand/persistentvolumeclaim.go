// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

func volumes(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, v := range s.Volumes {
		part := stack.Part{Kind: stack.PartVolume, Name: v.Name}
		objects = append(objects, Object{
			Key: "volume-" + v.Name, Part: part, Role: RoleData, Frozen: true, Object: MakePersistentVolumeClaim(s, v),
		})
		if v.Golden == nil {
			continue
		}
		objects = append(objects,
			Object{
				Key: "snapshot-content-" + v.Name, Part: part, Role: RoleData, Frozen: true,
				Object: MakeVolumeSnapshotContent(s, v), NeedsCRD: "volumesnapshotcontents." + snapshotGroup,
			},
			Object{
				Key: "snapshot-" + v.Name, Part: part, Role: RoleData, Frozen: true,
				Object: MakeVolumeSnapshot(s, v), NeedsCRD: "volumesnapshots." + snapshotGroup,
			},
		)
	}
	return objects
}

// MakePersistentVolumeClaim makes the claim of a volume.
func MakePersistentVolumeClaim(s *stack.Stack, v stack.Volume) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartVolume, Name: v.Name}, v.Name),
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{v.AccessMode},
			Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: v.Size},
			},
			DataSource: volumeSource(v),
		},
	}
	// "" would mean no class, not the cluster's default.
	if v.StorageClass != "" {
		claim.Spec.StorageClassName = &v.StorageClass
	}
	return claim
}

// volumeSource is what a volume is filled with, or nil.
func volumeSource(v stack.Volume) *corev1.TypedLocalObjectReference {
	switch {
	case v.Golden != nil:
		return &corev1.TypedLocalObjectReference{
			APIGroup: ptr.To(snapshotGroup), Kind: "VolumeSnapshot", Name: names.GoldenSnapshotName(v.Name),
		}
	case v.CloneOf != "":
		return &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: v.CloneOf}
	}
	return nil
}
