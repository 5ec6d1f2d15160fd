// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	psa "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/expand/expandtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

var credentials = map[string]int64{expand.DatabaseKey("db"): 3, expand.SecretKey("stripe"): 1}

// each runs a property over every object of every stack.
func each(t *testing.T, check func(t *testing.T, s *stack.Stack, o expand.Object, m metav1.Object)) {
	t.Helper()
	for name, s := range expandtest.Stacks() {
		t.Run(name, func(t *testing.T) {
			for _, o := range expand.Expand(s, credentials) {
				m, err := meta.Accessor(o.Object)
				if err != nil {
					t.Fatalf("%s: %v", o.Key, err)
				}
				check(t, s, o, m)
			}
		})
	}
}

// podsOf is the pod template of an object, if it has one.
func podsOf(o expand.Object) *corev1.PodTemplateSpec {
	switch w := o.Object.(type) {
	case *appsv1.Deployment:
		return &w.Spec.Template
	case *batchv1.Job:
		return &w.Spec.Template
	case *batchv1.CronJob:
		return &w.Spec.JobTemplate.Spec.Template
	}
	return nil
}

func TestSameStackSameBytes(t *testing.T) {
	for name := range expandtest.Stacks() {
		render := func() string {
			text, err := json.Marshal(expand.Expand(expandtest.Stacks()[name], credentials))
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		want := render()
		for range 20 {
			if diff := cmp.Diff(want, render()); diff != "" {
				t.Fatalf("%s: the same stack made other objects: -first, +later:\n%s", name, diff)
			}
		}
	}
}

func TestExpandDoesNotChangeItsInput(t *testing.T) {
	for name, s := range expandtest.Stacks() {
		for _, o := range expand.Expand(s, credentials) {
			m, err := meta.Accessor(o.Object)
			if err != nil {
				t.Fatal(err)
			}
			m.GetLabels()["changed"] = "by a caller"
		}
		if diff := cmp.Diff(expandtest.Stacks()[name], s); diff != "" {
			t.Errorf("%s: changing an object changed the stack: -want, +got:\n%s", name, diff)
		}
	}
}

func TestSortedByUniqueKeys(t *testing.T) {
	for name, s := range expandtest.Stacks() {
		var keys []string
		for _, o := range expand.Expand(s, credentials) {
			keys = append(keys, o.Key)
		}
		if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
			t.Errorf("%s: keys are not sorted and unique: %v", name, keys)
		}
	}
}

func TestNoTwoObjectsShareAName(t *testing.T) {
	for name, s := range expandtest.Stacks() {
		seen := map[string]string{}
		for _, o := range expand.Expand(s, credentials) {
			m, err := meta.Accessor(o.Object)
			if err != nil {
				t.Fatal(err)
			}
			at := fmt.Sprintf("%s %s/%s", o.Object.GetObjectKind().GroupVersionKind().GroupKind(), m.GetNamespace(), m.GetName())
			if other, ok := seen[at]; ok {
				t.Errorf("%s: %s and %s are both %s", name, other, o.Key, at)
			}
			seen[at] = o.Key
		}
	}
}

func TestNothingOutsideTheNamespace(t *testing.T) {
	clusterScoped := []string{"Namespace", "DatabaseBranch", "StackSecret", "VolumeSnapshotContent"}
	each(t, func(t *testing.T, s *stack.Stack, o expand.Object, m metav1.Object) {
		t.Helper()
		if slices.Contains(clusterScoped, o.Object.GetObjectKind().GroupVersionKind().Kind) {
			if m.GetNamespace() != "" || !strings.HasPrefix(m.GetName(), s.Namespace) {
				t.Errorf("%s is cluster-scoped, but its name %q does not carry the stack", o.Key, m.GetName())
			}
			return
		}
		if m.GetNamespace() != s.Namespace {
			t.Errorf("%s is in namespace %q, want %q", o.Key, m.GetNamespace(), s.Namespace)
		}
	})
}

func TestObjectsAreComplete(t *testing.T) {
	each(t, func(t *testing.T, s *stack.Stack, o expand.Object, m metav1.Object) {
		t.Helper()
		gvk := o.Object.GetObjectKind().GroupVersionKind()
		if gvk.Kind == "" || gvk.Version == "" || o.Role == "" || o.Part.Kind == "" {
			t.Errorf("%s lacks its kind (%s), role (%q) or part (%q)", o.Key, gvk, o.Role, o.Part)
		}
		if errs := validation.IsDNS1123Subdomain(m.GetName()); errs != nil {
			t.Errorf("%s has the name %q: %v", o.Key, m.GetName(), errs)
		}
		if m.GetLabels()[v1alpha1.LabelStack] != s.Namespace {
			t.Errorf("%s does not carry its stack's label", o.Key)
		}
		for key, value := range m.GetLabels() {
			if errs := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); errs != nil {
				t.Errorf("%s has the label %s=%q: %v", o.Key, key, value, errs)
			}
		}
	})
}

func TestPodsPassTheirNamespacesPodSecurity(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, s *stack.Stack, o expand.Object, _ metav1.Object) {
		t.Helper()
		pods := podsOf(o)
		if pods == nil {
			return
		}
		level := psa.LevelRestricted
		if s.Class.PodSecurity.Level == v1alpha1.PodSecurityBaseline {
			level = psa.LevelBaseline
		}
		results := evaluator.EvaluatePod(psa.LevelVersion{Level: level, Version: psa.LatestVersion()}, &pods.ObjectMeta, &pods.Spec)
		if all := policy.AggregateCheckResults(results); !all.Allowed {
			t.Errorf("%s: pods are refused: %s", o.Key, all.ForbiddenDetail())
		}
	})
}

func TestPodsAreBounded(t *testing.T) {
	each(t, func(t *testing.T, _ *stack.Stack, o expand.Object, _ metav1.Object) {
		t.Helper()
		pods := podsOf(o)
		if pods == nil {
			return
		}
		spec := pods.Spec
		if spec.ServiceAccountName != "stack" || *spec.AutomountServiceAccountToken || *spec.EnableServiceLinks || len(spec.ImagePullSecrets) != 1 {
			t.Errorf("%s: account, token, service links or pull secrets are not as they must be", o.Key)
		}
		if *spec.TerminationGracePeriodSeconds > 30 {
			t.Errorf("%s: pods take %d s to end", o.Key, *spec.TerminationGracePeriodSeconds)
		}
		for _, c := range spec.Containers {
			if c.TerminationMessagePolicy != corev1.TerminationMessageFallbackToLogsOnError {
				t.Errorf("%s: the last words of container %s are lost", o.Key, c.Name)
			}
			for _, kind := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if c.Resources.Limits[kind] == (corev1.ResourceList{})[kind] || c.Resources.Requests[kind] == (corev1.ResourceList{})[kind] {
					t.Errorf("%s: container %s has no request or limit of %s", o.Key, c.Name, kind)
				}
			}
		}
	})
}

func TestMountsHaveVolumes(t *testing.T) {
	each(t, func(t *testing.T, _ *stack.Stack, o expand.Object, _ metav1.Object) {
		t.Helper()
		pods := podsOf(o)
		if pods == nil {
			return
		}
		have := map[string]bool{}
		for _, v := range pods.Spec.Volumes {
			if have[v.Name] {
				t.Errorf("%s: two volumes are called %q", o.Key, v.Name)
			}
			have[v.Name] = true
		}
		for _, m := range pods.Spec.Containers[0].VolumeMounts {
			if !have[m.Name] {
				t.Errorf("%s: %s is mounted from volume %q, which does not exist", o.Key, m.MountPath, m.Name)
			}
		}
	})
}

// TestPushRollsOnlyWhatChanged: a service whose image a push leaves alone keeps
// its pods.
func TestPushRollsOnlyWhatChanged(t *testing.T) {
	templates := func(s *stack.Stack) map[string]corev1.PodTemplateSpec {
		out := map[string]corev1.PodTemplateSpec{}
		for _, o := range expand.Expand(s, credentials) {
			if d, ok := o.Object.(*appsv1.Deployment); ok {
				out[o.Key] = d.Spec.Template
			}
		}
		return out
	}
	pushed := expandtest.Full()
	pushed.Source.Revision = strings.Repeat("0", 40)
	pushed.Source.Branch = "other"
	if diff := cmp.Diff(templates(expandtest.Full()), templates(pushed)); diff != "" {
		t.Errorf("a push rolls services whose image did not change: -before, +after:\n%s", diff)
	}
}

// TestSelectorsAreStable: a selector cannot change, so nothing that may change
// during the life of a stack may be in it.
func TestSelectorsAreStable(t *testing.T) {
	selectors := func(s *stack.Stack) map[string]any {
		out := map[string]any{}
		for _, o := range expand.Expand(s, credentials) {
			if d, ok := o.Object.(*appsv1.Deployment); ok {
				out[o.Key] = d.Spec.Selector
				for k, v := range d.Spec.Selector.MatchLabels {
					if d.Spec.Template.Labels[k] != v {
						t.Errorf("%s selects %s=%s, which its pods do not have", o.Key, k, v)
					}
				}
			}
		}
		return out
	}
	changed := expandtest.Full()
	changed.ClassName = "other"
	changed.Source = v1alpha1.Source{Repository: "acme/other", Revision: "0000000"}
	if diff := cmp.Diff(selectors(expandtest.Full()), selectors(changed)); diff != "" {
		t.Errorf("selectors changed: -before, +after:\n%s", diff)
	}
}

func TestCopiesShareNothing(t *testing.T) {
	each(t, func(t *testing.T, _ *stack.Stack, o expand.Object, _ metav1.Object) {
		t.Helper()
		before, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		twin := o.Object.DeepCopyObject()
		if diff := cmp.Diff(o.Object, twin); diff != "" {
			t.Errorf("%s: DeepCopyObject(): -want, +got:\n%s", o.Key, diff)
		}
		m, err := meta.Accessor(twin)
		if err != nil {
			t.Fatal(err)
		}
		m.GetLabels()["changed"] = "in the copy"
		after, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(before), string(after)); diff != "" {
			t.Errorf("%s: changing a copy changed the object", o.Key)
		}
	})
}
