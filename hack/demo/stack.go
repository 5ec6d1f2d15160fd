// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

const (
	claimKind = "PreviewStack"

	// interval is how often a claim is looked at: short against all that is
	// measured here, long against what a look costs.
	interval = 100 * time.Millisecond
)

// A Stack is one claim, and what came of it.
type Stack struct {
	place *Place
	claim *unstructured.Unstructured

	// shown is the last line that was shown of it.
	shown string
}

// Claim makes a claim. The same claim made twice is one.
func (p *Place) Claim(ctx context.Context, claim *unstructured.Unstructured) (*Stack, error) {
	if err := p.EnsureNamespace(ctx, claim.GetNamespace()); err != nil {
		return nil, err
	}
	return &Stack{place: p, claim: claim}, p.Apply(ctx, claim)
}

// Patch merges a change into the claim, as a commit to it would.
func (s *Stack) Patch(ctx context.Context, change map[string]any) error {
	patch, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("cannot change claim %s: %w", s.claim.GetName(), err)
	}
	if err := s.place.Client.Patch(ctx, s.claim.DeepCopy(), client.RawPatch(types.MergePatchType, patch)); err != nil {
		return fmt.Errorf("cannot change claim %s: %w", s.claim.GetName(), err)
	}
	return nil
}

// Push gives the stack another commit.
func (s *Stack) Push(ctx context.Context, revision string) error {
	return s.Patch(ctx, map[string]any{"spec": map[string]any{"source": map[string]any{"revision": revision}}})
}

// Annotate sets an annotation of the claim, as people command it.
func (s *Stack) Annotate(ctx context.Context, name, value string) error {
	return s.Patch(ctx, map[string]any{"metadata": map[string]any{"annotations": map[string]any{name: value}}})
}

// Status is what the claim says now.
func (s *Stack) Status(ctx context.Context) (v1alpha1.PreviewStackStatus, error) {
	latest := &unstructured.Unstructured{}
	latest.SetGroupVersionKind(s.claim.GroupVersionKind())
	if err := s.place.Client.Get(ctx, client.ObjectKeyFromObject(s.claim), latest); err != nil {
		return v1alpha1.PreviewStackStatus{}, fmt.Errorf("cannot read claim %s: %w", s.claim.GetName(), err)
	}
	var status v1alpha1.PreviewStackStatus
	content, _, _ := unstructured.NestedMap(latest.Object, "status")
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, &status); err != nil {
		return status, fmt.Errorf("cannot read the status of claim %s: %w", s.claim.GetName(), err)
	}
	return status, nil
}

// Await waits until the claim's status is as wanted, and returns it. Each change
// of what people see of it is written to w, which may be nil, with the time
// since start. An error carries the status as it was last.
func (s *Stack) Await(ctx context.Context, w io.Writer, timeout time.Duration, wanted func(v1alpha1.PreviewStackStatus) bool) (v1alpha1.PreviewStackStatus, error) {
	var last v1alpha1.PreviewStackStatus
	start, t := time.Now(), s.table(w)
	err := wait.PollUntilContextTimeout(ctx, interval, timeout, true, func(ctx context.Context) (bool, error) {
		status, err := s.Status(ctx)
		if err != nil {
			return false, err
		}
		last = status
		t.show(status)
		return wanted(status), nil
	})
	if err != nil {
		return last, fmt.Errorf("claim %s is not as it should be after %s: %w; it is %s: %s", s.claim.GetName(), seconds(time.Since(start)), err, last.Phase, last.Detail)
	}
	return last, nil
}

// Ready tells whether a stack runs a commit, wholly.
func Ready(revision string) func(v1alpha1.PreviewStackStatus) bool {
	return func(s v1alpha1.PreviewStackStatus) bool {
		return s.Phase == v1alpha1.PhaseReady && s.Revision == revision
	}
}

// Revision that the claim was made with.
func (s *Stack) Revision() string {
	revision, _, _ := unstructured.NestedString(s.claim.Object, "spec", "source", "revision")
	return revision
}

// Delete deletes the claim and waits until all it brought about is gone: claims
// are deleted in the foreground. No claim is no error.
func (s *Stack) Delete(ctx context.Context, timeout time.Duration) error {
	err := s.place.Client.Delete(ctx, s.claim.DeepCopy(), client.PropagationPolicy("Foreground"))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("cannot delete claim %s: %w", s.claim.GetName(), err)
	}
	gone := func(ctx context.Context) (bool, error) {
		latest := s.claim.DeepCopy()
		err := s.place.Client.Get(ctx, client.ObjectKeyFromObject(s.claim), latest)
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, err
	}
	if err := wait.PollUntilContextTimeout(ctx, interval, timeout, true, gone); err != nil {
		return fmt.Errorf("claim %s is still there %s after it was deleted: %w", s.claim.GetName(), timeout, err)
	}
	return nil
}
