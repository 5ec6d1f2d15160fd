// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

const (
	// labelScaledObject is what KEDA would put on it else, in an update more.
	labelScaledObject = "scaledobject.keda.sh/name"
	// pollSeconds is how often KEDA looks whether a stack may fall asleep. It
	// hears of the first request at once.
	pollSeconds = 15
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

// MakeScaledObject has KEDA move a switch: on with the first request to any
// route that counts, off when there has been none for long enough.
func MakeScaledObject(s *lifecyclev1alpha1.SleepSwitch) *ScaledObject {
	traffic := s.Spec.Traffic
	o := &ScaledObject{
		TypeMeta: metav1.TypeMeta{APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.Namespace, Name: s.Name,
			Labels:          map[string]string{labelScaledObject: s.Name},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(s, lifecyclev1alpha1.GroupVersion.WithKind("SleepSwitch"))},
		},
		Spec: ScaledObjectSpec{
			ScaleTargetRef:  ScaleTarget{APIVersion: lifecyclev1alpha1.GroupVersion.String(), Kind: "SleepSwitch", Name: s.Name},
			PollingInterval: pollSeconds,
			// A new stack has not been visited yet: it is idle from its start.
			InitialCooldownPeriod: seconds(traffic.After.Duration),
			CooldownPeriod:        seconds(traffic.After.Duration),
			MinReplicaCount:       0,
			MaxReplicaCount:       1,
		},
	}
	// Nobody's business but ours: the garbage collector need not wait for it.
	o.OwnerReferences[0].BlockOwnerDeletion = ptr.To(false)
	for _, route := range traffic.Routes {
		o.Spec.Triggers = append(o.Spec.Triggers, ScaleTrigger{Type: "external-push", Metadata: map[string]string{
			"scalerAddress": traffic.Scaler, "interceptorRoute": route,
		}})
	}
	return o
}

func seconds(d time.Duration) int32 {
	return int32(min(int64(d/time.Second), math.MaxInt32)) //nolint:gosec // Bounded right there.
}
