// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"path"
	"strings"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

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
