// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"path"
	"strings"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// never is the duration of a stack that does not expire.
const never = "Never"

// admit holds the claim against the class's allowedClaims.
func (r *resolver) admit() {
	allowed := r.in.Class.Spec.AllowedClaims
	class := r.in.Class.GetName()
	if ns := r.in.Identity.ClaimNamespace; !matchesAny(allowed.Namespaces, ns) {
		r.refuse(v1alpha1.ReasonClassNotAllowed, "metadata.namespace", "is %q, but class %q admits claims of namespaces %s only: use another class, or ask the platform team to add the namespace to allowedClaims.namespaces",
			ns, class, strings.Join(allowed.Namespaces, ", "))
	}
	if repo := r.in.Spec.Source.Repository; !matchesAny(allowed.Repositories, repo) {
		r.refuse(v1alpha1.ReasonClassNotAllowed, "spec.source.repository", "is %q, but class %q admits repositories %s only: use another class, or ask the platform team to add the repository to allowedClaims.repositories",
			repo, class, strings.Join(allowed.Repositories, ", "))
	}
}

// matchesAny is true for an empty list of patterns. In a pattern, * stands for
// any characters, slashes included: GitLab's groups nest.
func matchesAny(patterns []string, value string) bool {
	if len(patterns) == 0 {
		return true
	}
	flat := strings.ReplaceAll(value, "/", "\x00")
	for _, p := range patterns {
		if ok, err := path.Match(strings.ReplaceAll(p, "/", "\x00"), flat); err == nil && ok {
			return true
		}
	}
	return false
}

// lifecycle holds the claim's durations against the class's bounds.
func (r *resolver) lifecycle() {
	var life v1alpha1.Lifecycle
	if b := r.in.Blueprint; b != nil && b.Spec.Lifecycle != nil {
		life = *b.Spec.Lifecycle
	}
	if r.in.Spec.Lifecycle != nil {
		life = Merge(life, *r.in.Spec.Lifecycle)
	}
	bounds := r.in.Class.Spec.Lifecycle
	class := r.in.Class.GetName()
	if life.TTL == never {
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
