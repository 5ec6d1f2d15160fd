// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/internal/names"
)

func secretEnv(name, secret, key string) corev1.EnvVar {
	return secretKey{secret: secret, key: key}.env(name)
}

func TestEnvironment(t *testing.T) {
	carrier := secretKey{secret: names.DatabaseSecretName("db"), key: "password"}.variable()
	cases := map[string]struct {
		reason string
		env    string
		want   []corev1.EnvVar
	}{
		"Literal": {
			reason: "source and services are known, and their values are plain",
			env:    `{A: "${source.shortRevision}-${source.pullRequest}", B: "${services.api.url}"}`,
			want:   []corev1.EnvVar{{Name: "A", Value: "9f1c2ab-402"}, {Name: "B", Value: "http://api:8080"}},
		},
		"Escaped": {
			reason: "a doubled dollar sign writes a literal",
			env:    `{A: "$${HOME} and $(HOME) and $"}`,
			want:   []corev1.EnvVar{{Name: "A", Value: "${HOME} and $(HOME) and $"}},
		},
		"WholeSecret": {
			reason: "a secret that stands alone is a reference, not a value",
			env:    `{A: "${databases.db.url}", B: "${secrets.salt.value}"}`,
			want:   []corev1.EnvVar{secretEnv("A", "db-database", "url"), secretEnv("B", "salt-secret", "value")},
		},
		"EmbeddedSecret": {
			reason: "an embedded secret is carried by a variable before it, once for all that embed it",
			env:    `{A: "x:${databases.db.password}", B: "y:${databases.db.password}"}`,
			want: []corev1.EnvVar{
				secretEnv(carrier, "db-database", "password"),
				{Name: "A", Value: "x:$(" + carrier + ")"},
				{Name: "B", Value: "y:$(" + carrier + ")"},
			},
		},
		"PublicURL": {
			reason: "a browser reaches an exposed service by its public address",
			env:    `{A: "${services.api.publicURL}", B: "${stack.url}"}`,
			want: []corev1.EnvVar{
				{Name: "A", Value: "https://api-shop-pr-402-" + hash5() + ".preview.example.com"},
				{Name: "B", Value: "https://api-shop-pr-402-" + hash5() + ".preview.example.com"},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := input(t, asBlock(t, `{
				services: {
					web: {image: r/x, env: `+tc.env+`},
					api: {image: r/x, ports: {http: {port: 8080}}, expose: {}}},
				databases: {db: {goldenRef: {name: shop}}},
				secrets: {salt: {generate: {}}}}`))
			s, problems := Resolve(in)
			if len(problems) > 0 {
				t.Fatalf("%s: Resolve(): %v", tc.reason, problems)
			}
			if diff := cmp.Diff(tc.want, s.Services[1].Env); diff != "" {
				t.Errorf("%s: Resolve(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func hash5() string {
	return names.Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"}.Hash()[:5]
}

func TestConfigMapFiles(t *testing.T) {
	in := input(t, asBlock(t, `{
		services: {web: {image: r/x, files: {/etc/a.json: {configMapRef: {name: conf}}}}},
		mocks: {pay: {configMapRef: {name: stubs}}}}`))
	if diff := cmp.Diff([]string{"conf", "stubs"}, ConfigMapNames(in.Spec, nil)); diff != "" {
		t.Errorf("ConfigMapNames(): -want, +got:\n%s", diff)
	}
	in.ConfigMaps = map[string]map[string]string{
		"conf":  {"a.json": "{}"},
		"stubs": {"mappings__pay.json": "{}", "__files__body.txt": "hello"},
	}
	s, problems := Resolve(in)
	if len(problems) > 0 {
		t.Fatalf("Resolve(): %v", problems)
	}
	paths := map[string]string{}
	for _, f := range append(s.Services[0].Files, s.Mocks[0].Files...) {
		paths[f.Path] = f.Content
	}
	want := map[string]string{"/etc/a.json": "{}", "mappings/pay.json": "{}", "__files/body.txt": "hello"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("files: -want, +got:\n%s", diff)
	}
}

func TestResolveIsStable(t *testing.T) {
	in := input(t, asBlock(t, `{services: {b: {image: r/x, dependsOn: {a: {}}}, a: {image: r/x}, c: {image: r/x}}}`))
	first, _ := Resolve(in)
	for range 20 {
		again, _ := Resolve(in)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("the same input made another stack:\n%s", diff)
		}
	}
}
