// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
)

func TestMakeScaledObject(t *testing.T) {
	lever := &lifecyclev1alpha1.SleepSwitch{
		ObjectMeta: metav1.ObjectMeta{Namespace: "pv-shop", Name: "sleep", UID: "5a7a"},
		Spec: lifecyclev1alpha1.SleepSwitchSpec{Traffic: &lifecyclev1alpha1.SwitchTraffic{
			Scaler: "scaler.keda:9090", Routes: []string{"web", "web.browser"}, After: metav1.Duration{Duration: 30 * time.Minute},
		}},
	}
	got := MakeScaledObject(lever)
	trigger := func(route string) ScaleTrigger {
		return ScaleTrigger{Type: "external-push", Metadata: map[string]string{"scalerAddress": "scaler.keda:9090", "interceptorRoute": route}}
	}
	want := ScaledObjectSpec{
		ScaleTargetRef:  ScaleTarget{APIVersion: "lifecycle.microstaging.dev/v1alpha1", Kind: "SleepSwitch", Name: "sleep"},
		PollingInterval: 15, InitialCooldownPeriod: 1800, CooldownPeriod: 1800, MaxReplicaCount: 1,
		Triggers: []ScaleTrigger{trigger("web"), trigger("web.browser")},
	}
	if diff := cmp.Diff(want, got.Spec); diff != "" {
		t.Errorf("MakeScaledObject(): -want, +got:\n%s", diff)
	}
	if got.Labels["scaledobject.keda.sh/name"] != "sleep" {
		t.Error("KEDA would have to put its label on")
	}
	if len(got.OwnerReferences) != 1 || got.OwnerReferences[0].UID != "5a7a" {
		t.Errorf("it goes with its switch, but is owned by %v", got.OwnerReferences)
	}
	lever.Spec.Traffic.After.Duration = 99999 * 10 * time.Hour
	if got := MakeScaledObject(lever).Spec.CooldownPeriod; got != 1<<31-1 {
		t.Errorf("the longest time that the field holds is 2147483647 s, got %d", got)
	}
}
