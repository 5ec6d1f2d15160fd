// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	ttlv1alpha1 "github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/lifetime"
)

// Lifetime is how long a stack lives: what its claim says, else its blueprint,
// else its class, and the class's bounds.
func Lifetime(spec v1alpha1.PreviewStackSpec, class v1alpha1.PreviewClass, blueprint *v1alpha1.PreviewBlueprint) ttlv1alpha1.Lifetime {
	life, bounds := lifecycleOf(spec, blueprint), class.Spec.Lifecycle
	return ttlv1alpha1.Lifetime{
		TTL:           cmp.Or(life.TTL, bounds.TTL),
		MaxTTL:        bounds.MaxTTL,
		AllowNever:    bounds.AllowNever,
		MaxPin:        bounds.MaxPin,
		RenewOnPush:   ptr.To(life.RenewOn == nil || slices.Contains(life.RenewOn, v1alpha1.RenewOnPush)),
		CloseGrace:    cmp.Or(life.CloseGrace, bounds.CloseGrace),
		WarnBefore:    bounds.WarnBefore,
		OnExpire:      string(cmp.Or(life.OnExpire, v1alpha1.ExpireRetire)),
		DeleteAfter:   bounds.DeleteAfter,
		DeleteTracked: bounds.DeleteTracked,
		DryRun:        bounds.DryRun,
		KeepReceipts:  bounds.KeepReceipts,
	}
}

func lifecycleOf(spec v1alpha1.PreviewStackSpec, blueprint *v1alpha1.PreviewBlueprint) v1alpha1.Lifecycle {
	var life v1alpha1.Lifecycle
	if blueprint != nil && blueprint.Spec.Lifecycle != nil {
		life = *blueprint.Spec.Lifecycle
	}
	if spec.Lifecycle != nil {
		life = Merge(life, *spec.Lifecycle)
	}
	return life
}

// lifecycle holds the claim's durations against the class's bounds.
func (r *resolver) lifecycle() {
	life := lifecycleOf(r.in.Spec, r.in.Blueprint)
	r.stack.Lifetime = Lifetime(r.in.Spec, r.in.Class, r.in.Blueprint)
	bounds := r.in.Class.Spec.Lifecycle
	class := r.in.Class.GetName()
	if life.TTL == lifetime.Never {
		if !bounds.AllowNever {
			r.problem("spec.lifecycle.ttl", "is \"Never\", which class %q does not allow (lifecycle.allowNever): write a duration of at most %s", class, bounds.MaxTTL)
		}
		return
	}
	ttl := r.duration("spec.lifecycle.ttl", life.TTL)
	longest := r.duration("class "+class+" spec.lifecycle.maxTTL", bounds.MaxTTL)
	if longest > 0 && ttl > longest {
		r.problem("spec.lifecycle.ttl", "is %q, but class %q allows at most %s: write a shorter one; a push starts it afresh", life.TTL, class, bounds.MaxTTL)
	}
	if life.TTL != "" && ttl <= 0 {
		r.problem("spec.lifecycle.ttl", "is %q, so the stack would expire at once: write a duration, for example \"4h\"", life.TTL)
	}
}

// duration reads a duration that the API server has matched already; what it
// still can be is too large for a machine.
func (r *resolver) duration(field, text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		r.problem(field, "is %q, which is not a duration: write hours or minutes, for example \"72h\"", text)
	}
	return d
}
