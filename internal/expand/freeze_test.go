// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/expand/expandtest"
)

// observed decodes from an object as a cluster has it; nil has nothing.
type observed struct{ object any }

func (o observed) Decode(into any, _ ...string) error {
	if o.object == nil {
		return nil
	}
	text, err := json.Marshal(o.object)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func TestFreezeJob(t *testing.T) {
	want := find[*batchv1.Job](t, expandtest.Full(), "job-seed")
	have := want.DeepCopy()
	have.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{batchv1.ControllerUidLabel: "1234"}}
	have.Spec.Template.Labels[batchv1.ControllerUidLabel] = "1234"
	have.Spec.Template.Labels["job-name"] = "seed"
	have.Spec.Template.Spec.Containers[0].Image = "r.example.com/shop/api:older"
	have.Spec.Template.Spec.Containers[0].ImagePullPolicy = corev1.PullIfNotPresent

	frozen := freeze(t, want, observed{have}, nil).(*batchv1.Job)

	template := want.Spec.Template.DeepCopy()
	template.Spec.Containers[0].Image = "r.example.com/shop/api:older"
	template.Spec.Containers[0].ImagePullPolicy = corev1.PullIfNotPresent
	if diff := cmp.Diff(*template, frozen.Spec.Template); diff != "" {
		t.Errorf("the observed template, without what the API server generated: -want, +got:\n%s", diff)
	}
	if frozen.Spec.Selector != nil {
		t.Error("the selector is the API server's, not ours")
	}
	if diff := cmp.Diff(want, freeze(t, want, observed{}, nil)); diff != "" {
		t.Errorf("nothing was observed yet, so there is nothing to keep: -want, +got:\n%s", diff)
	}
}

func TestFreezeVolume(t *testing.T) {
	cases := map[string]struct {
		reason string
		key    string
		change func(*corev1.PersistentVolumeClaim)
		differ []string
	}{
		"Same": {"what the API server filled in is no difference", "volume-uploads",
			func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = ptr.To("standard") }, nil},
		"Notation": {"the same size in other units is no difference", "volume-uploads",
			func(c *corev1.PersistentVolumeClaim) {
				c.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("20480Mi")
			}, nil},
		"Size": {"no volume shrinks, and not every volume grows", "volume-uploads",
			func(c *corev1.PersistentVolumeClaim) {
				c.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("1Gi")
			}, []string{"size"}},
		"Source": {"what is in it is in it", "volume-uploads",
			func(c *corev1.PersistentVolumeClaim) { c.Spec.DataSource = nil }, []string{"from"}},
		"Class": {"the platform moved to another storage class", "volume-scratch",
			func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = ptr.To("older") }, []string{"storage class"}},
		"AccessMode": {"nodes that hold it cannot be counted anew", "volume-uploads",
			func(c *corev1.PersistentVolumeClaim) {
				c.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
			}, []string{"accessMode"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := find[*corev1.PersistentVolumeClaim](t, expandtest.Full(), tc.key)
			have := want.DeepCopy()
			tc.change(have)
			got := freeze(t, want, observed{have}, tc.differ).(*corev1.PersistentVolumeClaim)
			if want.Spec.StorageClassName == nil {
				have.Spec.StorageClassName = nil
			}
			if diff := cmp.Diff(have.Spec, got.Spec); diff != "" {
				t.Errorf("%s: -observed, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestFreezeGolden(t *testing.T) {
	want := find[*expand.VolumeSnapshotContent](t, expandtest.Full(), "snapshot-content-uploads")
	have := want.DeepCopyObject().(*expand.VolumeSnapshotContent)
	have.Spec.Source.SnapshotHandle = "snap-older"
	if diff := cmp.Diff(have, freeze(t, want, observed{have}, nil)); diff != "" {
		t.Errorf("a stack stays a clone of the golden that it was made from: -want, +got:\n%s", diff)
	}
	if want.Spec.Source.SnapshotHandle == "snap-older" {
		t.Error("Freeze changed the object that it was given")
	}
}

func freeze(t *testing.T, o runtime.Object, have observed, want []string) runtime.Object {
	t.Helper()
	got, differ, err := expand.Freeze(expand.Object{Key: "it", Object: o, Frozen: true}, have)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, differ); diff != "" {
		t.Errorf("Freeze(): -want, +got differing fields:\n%s", diff)
	}
	return got.Object
}
