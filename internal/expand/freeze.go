// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// An Observed is an object as it is in its cluster.
type Observed interface {
	// Decode the named members, or all of them, into a value with JSON tags.
	Decode(into any, members ...string) error
}

// Freeze gives a frozen object those fields of its observed self that the API
// server refuses to change, so that applying it is no error. Differ names the
// fields, as a claim writes them, that its owner asked to change in vain; jobs
// that run once and golden snapshots differ silently, for they are meant to
// stay as they were. An object of which nothing was observed yet, and those of
// other kinds, are returned as they are.
//
// Leaving such fields out would not do: server-side apply removes what its
// owner no longer mentions, and the API server refuses that too.
func Freeze(o Object, observed Observed) (frozen Object, differ []string, err error) {
	switch want := o.Object.(type) {
	case *batchv1.Job:
		o.Object, err = freezeJob(want, observed)
	case *corev1.PersistentVolumeClaim:
		o.Object, differ, err = freezeVolume(want, observed)
	case *VolumeSnapshot:
		have := *want
		err = observed.Decode(&have, "spec")
		o.Object = &have
	case *VolumeSnapshotContent:
		have := *want
		err = observed.Decode(&have, "spec")
		o.Object = &have
	}
	if err != nil {
		return Object{}, nil, fmt.Errorf("cannot read the observed %s: %w", o.Key, err)
	}
	return o, differ, nil
}

// generatedLabels are put on the pods of a Job by the API server, with the
// Job's own UID. Were they applied, a Job deleted at the same moment would be
// re-created with the labels of its predecessor, and refused.
var generatedLabels = []string{
	batchv1.ControllerUidLabel, batchv1.JobNameLabel, "controller-uid", "job-name",
}

func freezeJob(want *batchv1.Job, observed Observed) (*batchv1.Job, error) {
	var have batchv1.Job
	if err := observed.Decode(&have, "spec"); err != nil {
		return nil, err
	}
	if len(have.Spec.Template.Spec.Containers) == 0 {
		return want, nil
	}
	out := want.DeepCopy()
	out.Spec.Template = have.Spec.Template
	for _, label := range generatedLabels {
		delete(out.Spec.Template.Labels, label)
	}
	return out, nil
}

// freezeVolume keeps the size too: it can only grow, and only where the
// storage class says so. If it does not, the refusal is of the sort that makes
// Crossplane give up on the whole stack.
func freezeVolume(want *corev1.PersistentVolumeClaim, observed Observed) (*corev1.PersistentVolumeClaim, []string, error) {
	var have corev1.PersistentVolumeClaim
	if err := observed.Decode(&have, "spec"); err != nil {
		return nil, nil, err
	}
	if len(have.Spec.AccessModes) == 0 {
		return want, nil, nil
	}
	var differ []string
	if !equality.Semantic.DeepEqual(want.Spec.Resources.Requests, have.Spec.Resources.Requests) {
		differ = append(differ, "size")
	}
	if !equality.Semantic.DeepEqual(want.Spec.AccessModes, have.Spec.AccessModes) {
		differ = append(differ, "accessMode")
	}
	if !equality.Semantic.DeepEqual(want.Spec.DataSource, have.Spec.DataSource) {
		differ = append(differ, "from")
	}
	out := want.DeepCopy()
	out.Spec.Resources.Requests, out.Spec.AccessModes = have.Spec.Resources.Requests, have.Spec.AccessModes
	out.Spec.DataSource = have.Spec.DataSource
	// Who named no class got the cluster's default, which is not ours to own.
	if want.Spec.StorageClassName != nil && !equality.Semantic.DeepEqual(want.Spec.StorageClassName, have.Spec.StorageClassName) {
		differ = append(differ, "storage class")
		out.Spec.StorageClassName = have.Spec.StorageClassName
	}
	return out, differ, nil
}
