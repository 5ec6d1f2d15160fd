// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const (
	scaledObjectCRD = "scaledobjects.keda.sh"
	// labelScaledObject is what KEDA would put on it else, in an update more.
	labelScaledObject = "scaledobject.keda.sh/name"
	// pollSeconds is how often KEDA looks whether a stack may fall asleep. It
	// hears of the first request at once.
	pollSeconds = 15
	// defaultScaler is for classes older than the field.
	defaultScaler = "keda-add-ons-http-external-scaler.keda:9090"
)

// A ScaledObject is as much of KEDA's kind as moves a switch.
// https://keda.sh/docs/2.18/reference/scaledobject-spec/
type ScaledObject struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ScaledObjectSpec `json:"spec"`
}

// A ScaledObjectSpec says what to scale, by what, and how lazily. Times are in
// seconds.
type ScaledObjectSpec struct {
	ScaleTargetRef        ScaleTarget    `json:"scaleTargetRef"`
	PollingInterval       int32          `json:"pollingInterval"`
	InitialCooldownPeriod int32          `json:"initialCooldownPeriod"`
	CooldownPeriod        int32          `json:"cooldownPeriod"`
	MinReplicaCount       int32          `json:"minReplicaCount"`
	MaxReplicaCount       int32          `json:"maxReplicaCount"`
	Triggers              []ScaleTrigger `json:"triggers"`
}

// A ScaleTarget is what is scaled.
type ScaleTarget struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}

// A ScaleTrigger is one reason to be awake.
type ScaleTrigger struct {
	Type     string            `json:"type"`
	Metadata map[string]string `json:"metadata"`
}

// DeepCopyObject implements runtime.Object.
func (o *ScaledObject) DeepCopyObject() runtime.Object {
	out := *o
	out.ObjectMeta = *o.ObjectMeta.DeepCopy()
	out.Spec.Triggers = slices.Clone(o.Spec.Triggers)
	for i := range out.Spec.Triggers {
		out.Spec.Triggers[i].Metadata = maps.Clone(o.Spec.Triggers[i].Metadata)
	}
	return &out
}

// MakeScaledObject has KEDA move the switch: on with the first request to any
// route that counts, off when there has been none for long enough.
func MakeScaledObject(s *stack.Stack) *ScaledObject {
	o := &ScaledObject{
		TypeMeta:   metav1.TypeMeta{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject"},
		ObjectMeta: makeMeta(s, whole, sleepName),
		Spec: ScaledObjectSpec{
			ScaleTargetRef: ScaleTarget{
				APIVersion: lifecyclev1alpha1.GroupVersion.String(), Kind: sleepSwitchKind, Name: sleepName,
			},
			PollingInterval: pollSeconds,
			// A new stack has not been visited yet: it is idle from its start.
			InitialCooldownPeriod: seconds(s.Sleep.After),
			CooldownPeriod:        seconds(s.Sleep.After),
			MinReplicaCount:       0,
			MaxReplicaCount:       1,
		},
	}
	o.Labels[labelScaledObject] = sleepName
	for _, r := range intercepted(s) {
		if r.visitor.wakes {
			o.Spec.Triggers = append(o.Spec.Triggers, ScaleTrigger{Type: "external-push", Metadata: map[string]string{
				"scalerAddress": cmp.Or(s.Class.Sleep.Scaler, defaultScaler), "interceptorRoute": r.name(),
			}})
		}
	}
	return o
}

func seconds(d time.Duration) int32 {
	return int32(min(int64(d/time.Second), math.MaxInt32))
}
