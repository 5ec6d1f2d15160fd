// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

func TestNamespace(t *testing.T) {
	cases := map[string]struct {
		reason string
		id     Identity
		want   string
	}{
		"Plain": {
			reason: "a short claim name is kept readable",
			id:     Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"},
			want:   "pv-shop-pr-402-" + Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"}.Hash(),
		},
		"NoClaim": {
			reason: "a composite without a claim has a namespace too",
			id:     Identity{ClaimName: "adhoc"},
			want:   "pv-adhoc-" + Identity{ClaimName: "adhoc"}.Hash(),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.id.Namespace()); diff != "" {
				t.Errorf("%s: Namespace(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestHostileNames(t *testing.T) {
	long := strings.Repeat("a-very-long-branch", 12)[:200]
	hostile := map[string]string{
		"200 characters":     long,
		"slashes":            "feature/cart/v2",
		"upper case":         "Feature-Cart",
		"only punctuation":   "///___",
		"unicode":            "ветка-кнопка",
		"same 63 characters": long[:63] + "one",
		"its twin":           long[:63] + "two",
	}
	seen := map[string]string{}
	for name, claim := range hostile {
		id := Identity{ClaimNamespace: "team", ClaimName: claim}
		for kind, got := range map[string]string{
			"namespace": id.Namespace(),
			"host":      HostLabel("{service}-{claim}-{hash5}", strings.Repeat("s", 30), id, nil),
		} {
			if !dnsLabel.MatchString(got) {
				t.Errorf("%s: %s %q is not a DNS label", name, kind, got)
			}
			if other, ok := seen[got]; ok {
				t.Errorf("%s and %s share the name %q", name, other, got)
			}
			seen[got] = name
		}
	}
}

func TestClaimNamespaceAndNameDoNotRunTogether(t *testing.T) {
	a := Identity{ClaimNamespace: "team-a", ClaimName: "b"}
	b := Identity{ClaimNamespace: "team", ClaimName: "a-b"}
	if a.Hash() == b.Hash() {
		t.Error("two claims share a hash because their names run together")
	}
}

func TestHostLabel(t *testing.T) {
	pr := int64(402)
	id := Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"}
	cases := map[string]struct {
		reason, template, service, want string
	}{
		"Default":     {"the default template", "{service}-{claim}-{hash5}", "web", "web-shop-pr-402-" + id.Hash()[:5]},
		"PullRequest": {"a team that has one repository may use the number", "pr-{pr}-{service}-{hash5}", "web", "pr-402-web-" + id.Hash()[:5]},
		"LongService": {"the claim gives way, the hash stays", "{service}-{claim}-{hash5}", strings.Repeat("w", 50), strings.Repeat("w", 50) + "-shop-p-" + id.Hash()[:5]},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, HostLabel(tc.template, tc.service, id, &pr)); diff != "" {
				t.Errorf("%s: HostLabel(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestLabelValue(t *testing.T) {
	valid := regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`)
	cases := map[string]struct {
		reason, text string
		kept         bool
	}{
		"Fits":   {"a value that fits is kept", "9f1c2ab", true},
		"Slash":  {"a repository has a slash", "acme/shop", false},
		"Long":   {"a SHA-256 commit is too long by one", strings.Repeat("a", 64), false},
		"Markup": {"a hostile branch cannot break out", "<img src=x onerror=alert(1)>", false},
		"Empty":  {"nothing usable is left", "///", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := LabelValue(tc.text)
			if !valid.MatchString(got) {
				t.Errorf("%s: LabelValue(%q) = %q, which is not a label value", tc.reason, tc.text, got)
			}
			if (got == tc.text) != tc.kept {
				t.Errorf("%s: LabelValue(%q) = %q, kept = %t, want %t", tc.reason, tc.text, got, !tc.kept, tc.kept)
			}
		})
	}
	if LabelValue("acme/shop") == LabelValue("acme-shop") {
		t.Error("two repositories share one label value")
	}
}

// TestInterceptorRouteNames: parts hold hyphens, but no dots.
func TestInterceptorRouteNames(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range []string{
		InterceptorRouteName("web", "web", 8080, ""),
		InterceptorRouteName("web", "web", 8080, "browser"),
		InterceptorRouteName("web-browser", "web", 8080, ""),
		InterceptorRouteName("web", "web-browser", 8080, ""),
		InterceptorRouteName("web", "web", 9090, ""),
		InterceptorRouteName("web", "browser", 8080, ""),
	} {
		if seen[name] {
			t.Errorf("two routes are called %s", name)
		}
		seen[name] = true
	}
}
