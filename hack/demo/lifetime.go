// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// shortTTL is how long the stack lives on in the act that ends it.
const shortTTL = 15 * time.Second

// expire shortens the claim's time, so that it is up in the middle of the story.
func (s *story) expire(ctx context.Context) error {
	if err := s.stack.Patch(ctx, map[string]any{"spec": map[string]any{"lifecycle": map[string]any{"ttl": shortTTL.String()}}}); err != nil {
		return err
	}
	status, err := s.stack.Await(ctx, s.out, stackTimeout, Retired)
	if err != nil {
		return err
	}
	deadline, err := time.Parse(time.RFC3339, status.ExpiresAt)
	if err != nil {
		return fmt.Errorf("the stack says that it expired at %q: %w", status.ExpiresAt, err)
	}
	s.retired = time.Since(deadline)
	s.say("the time was up at %s; nothing was left %s later", deadline.Local().Format(time.TimeOnly), seconds(s.retired))
	if err := s.onlyTombstone(ctx, status.Namespace); err != nil {
		return err
	}
	return s.tellReceipt(ctx, lifecyclev1alpha1.ReceiptRetired)
}

// Retired tells whether a stack is a tombstone: expired, and nothing left of it.
func Retired(s v1alpha1.PreviewStackStatus) bool {
	return s.Phase == v1alpha1.PhaseExpired && slices.ContainsFunc(s.Conditions, func(c metav1.Condition) bool {
		return c.Type == v1alpha1.ConditionExpired && c.Reason == v1alpha1.ReasonRetired
	})
}

// onlyTombstone looks everywhere for what is left of a stack that was retired.
func (s *story) onlyTombstone(ctx context.Context, namespace string) error {
	found, err := s.place.Leftovers(ctx, namespace)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(found.Left, func(o string) bool { return strings.HasPrefix(o, "stackleases ") })
	if len(left) > 0 {
		return fmt.Errorf("left of the retired stack: %s", strings.Join(left, ", "))
	}
	s.say("looked through all %d kinds of the cluster, and for volumes: the claim is a tombstone, and only its lease keeps it company", found.Kinds)
	return nil
}

// restore extends the claim, as a person would.
func (s *story) restore(ctx context.Context) error {
	until := time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339)
	start := time.Now()
	if err := s.stack.Annotate(ctx, v1alpha1.AnnotationExtendUntil, until); err != nil {
		return err
	}
	s.say("kubectl annotate previewstack %s --namespace %s %s=%s", s.stack.claim.GetName(), s.stack.claim.GetNamespace(), v1alpha1.AnnotationExtendUntil, until)
	status, err := s.stack.Await(ctx, s.out, stackTimeout, Ready(Miniflux13))
	if err != nil {
		return err
	}
	s.restored = time.Since(start)
	if _, err := s.place.Browser().Await(ctx, status.URL, LoginText, stackTimeout); err != nil {
		return err
	}
	entries, err := s.miniflux.Entries(ctx)
	if err != nil {
		return err
	}
	s.say("Ready again %s after it was extended, at the same URL; a fresh copy, with %d entries", seconds(s.restored), len(entries))
	return nil
}

// tellReceipt shows the newest receipt of the stack for an event.
func (s *story) tellReceipt(ctx context.Context, event lifecyclev1alpha1.ReceiptEvent) error {
	var receipt lifecyclev1alpha1.StackReceipt
	err := wait.PollUntilContextTimeout(ctx, interval, stackTimeout, true, func(ctx context.Context) (bool, error) {
		list := &lifecyclev1alpha1.StackReceiptList{}
		if err := s.place.Client.List(ctx, list); err != nil {
			return false, err
		}
		for _, r := range list.Items {
			if r.Spec.Event == event && r.Spec.Claim != nil && r.Spec.Claim.Name == s.stack.claim.GetName() && r.Spec.GoneAt.After(receipt.Spec.GoneAt.Time) {
				receipt = r
			}
		}
		return receipt.Name != "", nil
	})
	if err != nil {
		return fmt.Errorf("there is no receipt of the stack that was %s: %w", strings.ToLower(string(event)), err)
	}
	r := receipt.Spec
	s.say("receipt %s: %s, %s; %d objects removed in %s, %d left, %d kinds looked through, cost %s",
		receipt.Name, r.Event, r.Outcome, r.Removed, r.Took, r.Left, len(r.LookedThrough), r.Cost)
	if r.Outcome != lifecyclev1alpha1.OutcomeClean || r.Left != 0 {
		return fmt.Errorf("the receipt is not clean: %+v", r)
	}
	return nil
}
