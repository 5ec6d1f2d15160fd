// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	// look is how often a condition is looked at, patience for how long. The
	// first only has to be short, the second only has to be long: nothing
	// waits longer than it must.
	look     = 200 * time.Millisecond
	patience = 2 * time.Minute
)

// poll looks until check finds nothing wrong, and returns what it last found.
func poll(ctx context.Context, check func(context.Context) error) error {
	last := errors.New("never looked")
	err := wait.PollUntilContextTimeout(ctx, look, patience, true, func(ctx context.Context) (bool, error) {
		if err := check(ctx); err == nil || ctx.Err() == nil {
			last = err
		}
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("not within %s: %w", patience, last)
	}
	return nil
}

// eventually fails the test unless check finds nothing wrong in time.
func eventually(t *testing.T, what string, check func(context.Context) error) {
	t.Helper()
	if err := poll(t.Context(), check); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// A scenario has a namespace for its claims.
type scenario struct {
	t         *testing.T
	namespace string
}

// newScenario makes the namespace of a test, and tells what is in it should the
// test fail.
func newScenario(t *testing.T) *scenario {
	t.Helper()
	s := &scenario{t: t, namespace: "team-" + strings.ToLower(strings.NewReplacer("Test", "", "/", "-", "_", "-").Replace(t.Name()))}
	// Here as in clear, a crash may have the API server be away.
	eventually(t, "namespace "+s.namespace+" is there", func(ctx context.Context) error {
		return shared.cp.EnsureNamespace(ctx, s.namespace)
	})
	t.Cleanup(func() {
		if t.Failed() {
			s.dump(context.Background())
		}
		s.clear(context.Background())
	})
	return s
}

// clear deletes the claims, so that stacks of scenarios that are over do not
// keep the control plane busy.
func (s *scenario) clear(ctx context.Context) {
	claim := &unstructured.Unstructured{}
	claim.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
	if err := poll(ctx, func(ctx context.Context) error {
		return shared.DeleteAllOf(ctx, claim, client.InNamespace(s.namespace))
	}); err != nil {
		s.t.Error(err)
	}
}

// apply applies YAML as people write it. Claims and other namespaced objects
// that name no namespace get the scenario's.
func (s *scenario) apply(text string) {
	s.t.Helper()
	if err := s.tryApply(text); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scenario) tryApply(text string) error {
	objects, err := parse(text)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := s.applyObject(object); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the cluster-scoped objects that some YAML describes, should
// they be there. It works in clean-ups, too, when the test's context is over.
func (s *scenario) remove(text string) {
	s.t.Helper()
	objects, err := parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, object := range objects {
		if err := client.IgnoreNotFound(shared.Delete(context.WithoutCancel(s.t.Context()), object)); err != nil {
			s.t.Error(err)
		}
	}
}

// parse reads the objects of some YAML.
func parse(text string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, document := range strings.Split(text, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

func (s *scenario) applyObject(object *unstructured.Unstructured) error {
	if namespaced, err := shared.IsObjectNamespaced(object); err != nil {
		return err
	} else if namespaced && object.GetNamespace() == "" {
		object.SetNamespace(s.namespace)
	}
	return shared.cp.Apply(s.t.Context(), object)
}

// claim applies a claim, whose YAML is that of its spec.
func (s *scenario) claim(name, spec string) *claim {
	s.t.Helper()
	c := s.named(name)
	c.update(spec)
	return c
}

// named is a claim of the scenario that may not exist yet.
func (s *scenario) named(name string) *claim {
	return &claim{s: s, key: client.ObjectKey{Namespace: s.namespace, Name: name}}
}

// A claim is one PreviewStack.
type claim struct {
	s   *scenario
	key client.ObjectKey
}

// update applies another spec, as a push to the claim's repository would.
func (c *claim) update(spec string) {
	c.s.t.Helper()
	if err := c.tryUpdate(spec); err != nil {
		c.s.t.Fatal(err)
	}
}

func (c *claim) tryUpdate(spec string) error {
	object := &unstructured.Unstructured{Object: map[string]any{}}
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		return err
	}
	if fields["source"] == nil {
		fields["source"] = map[string]any{"repository": "acme/shop", "pullRequest": int64(402), "revision": revisions[0]}
	}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
	object.SetName(c.key.Name)
	object.Object["spec"] = fields
	return c.s.applyObject(object)
}

// revisions of a repository, in the order of their pushes.
var revisions = [3]string{
	"9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5",
	"0123456789abcdef0123456789abcdef01234567",
	"fedcba9876543210fedcba9876543210fedcba98",
}

// A stack is a claim as the API server has it. The composite's Go type fits:
// it has the same spec and status.
type stack struct {
	v1alpha1.XPreviewStack

	// composite is the name of the XPreviewStack.
	composite string
}

// get reads the claim.
func (c *claim) get(ctx context.Context) (stack, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStack"))
	if err := shared.Get(ctx, c.key, object); err != nil {
		return stack{}, err
	}
	var s stack
	s.composite, _, _ = unstructured.NestedString(object.Object, "spec", "resourceRef", "name")
	return s, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &s.XPreviewStack)
}

// await waits until check finds nothing wrong with the claim, and returns it.
func (c *claim) await(what string, check func(stack) error) stack {
	c.s.t.Helper()
	var found stack
	eventually(c.s.t, "claim "+c.key.Name+" "+what, func(ctx context.Context) (err error) {
		if found, err = c.get(ctx); err != nil {
			return err
		}
		return check(found)
	})
	return found
}

// awaitReady waits until the claim is Ready, by its own word and Crossplane's.
func (c *claim) awaitReady() stack {
	c.s.t.Helper()
	return c.await("is Ready", isReady)
}

func isReady(s stack) error {
	if s.Status.Phase != v1alpha1.PhaseReady {
		return fmt.Errorf("phase is %q: %s", s.Status.Phase, s.Status.Detail)
	}
	return hasCondition(s, "Ready", "True", "")
}

// hasCondition checks a condition; an empty reason is any.
func hasCondition(s stack, conditionType, status, reason string) error {
	c := meta.FindStatusCondition(s.Status.Conditions, conditionType)
	switch {
	case c == nil:
		return fmt.Errorf("there is no condition %s", conditionType)
	case string(c.Status) != status || (reason != "" && c.Reason != reason):
		return fmt.Errorf("condition %s is %s (%s: %s)", conditionType, c.Status, c.Reason, c.Message)
	}
	return nil
}

// message is that of a condition; empty if there is none.
func message(s stack, conditionType string) string {
	if c := meta.FindStatusCondition(s.Status.Conditions, conditionType); c != nil {
		return c.Message
	}
	return ""
}

// mention checks that a text has all the words that its reader needs.
func mention(text string, words ...string) error {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return fmt.Errorf("%q does not mention %q", text, word)
		}
	}
	return nil
}

// first returns the first error of several checks.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// dump prints what helps to understand a failed scenario.
func (s *scenario) dump(ctx context.Context) {
	claims := &unstructured.UnstructuredList{}
	claims.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("PreviewStackList"))
	if err := shared.List(ctx, claims, client.InNamespace(s.namespace)); err != nil {
		s.t.Log(err)
	}
	for _, object := range claims.Items {
		text, err := yaml.Marshal(object.Object["status"])
		s.t.Logf("status of claim %s: %v\n%s", object.GetName(), err, text)
		composite, _, _ := unstructured.NestedString(object.Object, "spec", "resourceRef", "name")
		namespace, _, _ := unstructured.NestedString(object.Object, "status", "namespace")
		s.dumpPods(ctx, namespace)
		s.dumpEvents(ctx, object.GetName(), composite)
	}
	s.t.Logf("the logs are in %s", shared.cp.Group.LogDir())
}

func (s *scenario) dumpPods(ctx context.Context, namespace string) {
	pods := &corev1.PodList{}
	if err := shared.List(ctx, pods, client.InNamespace(namespace)); err != nil || namespace == "" {
		return
	}
	for _, pod := range pods.Items {
		s.t.Logf("pod %s: %s %v", pod.Name, pod.Status.Phase, pod.Status.ContainerStatuses)
	}
}

// maxEvents bounds the dumped events of a claim: the last are the useful ones.
const maxEvents = 20

func (s *scenario) dumpEvents(ctx context.Context, names ...string) {
	events := &corev1.EventList{}
	if err := shared.List(ctx, events); err != nil {
		s.t.Log(err)
	}
	var lines []string
	for _, event := range events.Items {
		for _, name := range names {
			if name != "" && event.InvolvedObject.Name == name {
				lines = append(lines, fmt.Sprintf("%s %s %s: %s", event.LastTimestamp.Format(time.TimeOnly), event.InvolvedObject.Kind, event.Reason, event.Message))
			}
		}
	}
	s.t.Logf("events:\n%s", strings.Join(lines[max(0, len(lines)-maxEvents):], "\n"))
}
