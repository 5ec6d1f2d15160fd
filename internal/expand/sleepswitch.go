// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"cmp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// SleepSwitchKey is the key of a stack's switch.
const SleepSwitchKey = "sleep-switch"

const (
	// sleepName is what the switch is called.
	sleepName       = "sleep"
	sleepSwitchKind = "SleepSwitch"
	// defaultScaler is for classes older than the field.
	defaultScaler = "keda-add-ons-http-external-scaler.keda:9090"
)

// ScalerCRD is the kind that the provider has KEDA move the switch by.
const ScalerCRD = "scaledobjects.keda.sh"

var sleepSwitchCRD = "sleepswitches." + lifecyclev1alpha1.GroupVersion.Group

// sleepers are what puts a stack to sleep for lack of traffic.
func sleepers(s *stack.Stack, _ map[string]int64) []Object {
	if !s.Sleep.Intercepted {
		return nil
	}
	lever := MakeSleepSwitch(s)
	if len(lever.Spec.Traffic.Routes) == 0 {
		return nil // No request could wake the stack.
	}
	return []Object{{
		Key: SleepSwitchKey, Part: whole, Role: RoleSwitch, Way: WayIntercepted, Object: lever, NeedsCRD: sleepSwitchCRD,
	}}
}

// MakeSleepSwitch makes what the scaler scales instead of the Deployments. It
// never has replicas: they are the scaler's, and to apply them would be to
// wake the stack with every run. A new switch gets its default, which is on.
func MakeSleepSwitch(s *stack.Stack) *lifecyclev1alpha1.SleepSwitch {
	lever := &lifecyclev1alpha1.SleepSwitch{
		TypeMeta:   metav1.TypeMeta{APIVersion: lifecyclev1alpha1.GroupVersion.String(), Kind: sleepSwitchKind},
		ObjectMeta: makeMeta(s, whole, sleepName),
		Spec: lifecyclev1alpha1.SleepSwitchSpec{
			// An autoscaler refuses an empty selector.
			Selector: v1alpha1.LabelStack + "=" + names.LabelValue(s.Namespace),
			Traffic: &lifecyclev1alpha1.SwitchTraffic{
				Scaler: cmp.Or(s.Class.Sleep.Scaler, defaultScaler), After: metav1.Duration{Duration: s.Sleep.After},
			},
		},
	}
	for _, r := range intercepted(s) {
		if r.visitor.wakes {
			lever.Spec.Traffic.Routes = append(lever.Spec.Traffic.Routes, r.name())
		}
	}
	return lever
}
