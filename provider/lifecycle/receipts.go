// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
)

// maxSleep bounds timers, which do not notice when the clock is put forward.
const maxSleep = time.Hour

// Receipts deletes StackReceipts that are old enough.
type Receipts struct {
	client client.Client
	clock  *clock.Guard
	now    func() time.Time
}

// Reconcile looks at a receipt.
func (r *Receipts) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	receipt := &lifecyclev1alpha1.StackReceipt{}
	if err := r.client.Get(ctx, request.NamespacedName, receipt); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if receipt.Spec.DeleteAt == nil {
		return reconcile.Result{}, nil
	}
	switch left := receipt.Spec.DeleteAt.Sub(r.now()); {
	case left > 0:
		return reconcile.Result{RequeueAfter: min(left, jitter(maxSleep))}, nil
	case r.clock.Doubt() != "":
		return reconcile.Result{RequeueAfter: doubtRetry}, nil
	}
	uid := receipt.UID
	if err := client.IgnoreNotFound(r.client.Delete(ctx, receipt, client.Preconditions{UID: &uid})); err != nil {
		return reconcile.Result{}, fmt.Errorf("cannot delete receipt %s: %w", receipt.Name, err)
	}
	return reconcile.Result{}, nil
}
