// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	dbv1alpha1 "github.com/microstaging/preview-stacks/apis/database/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// A scope knows the variables of a stack.
type scope struct {
	// literals by name, such as source.revision.
	literals map[string]string
	// secrets are the variables whose value is a key of a Secret.
	secrets map[string]secretKey
	// openSecrets are Secrets whose keys nobody knows before they exist; their
	// variables are secrets.NAME.KEY.
	openSecrets map[string]string
}

// A secretKey is one key of a Secret in the preview namespace, and the part
// whose rotation changes it.
type secretKey struct {
	secret, key string
	part        Part
}

// A text is a value with its variables expanded. Secret ones are left as
// $(NAME), which Kubernetes fills in from the environment.
type text struct {
	value string
	refs  []secretKey
	// whole is set when the value is one secret variable and nothing else.
	whole bool
}

// variables fills the scope once all hosts, mocks and databases are known.
func (r *resolver) variables() {
	s := r.stack
	source := s.Source
	r.scope = scope{
		literals: map[string]string{
			"source.repository":    source.Repository,
			"source.revision":      source.Revision,
			"source.shortRevision": source.Revision[:min(len(source.Revision), 7)],
			"source.branch":        source.Branch,
			"source.author":        source.Author,
			"stack.name":           s.Identity.ClaimName,
			"stack.namespace":      s.Namespace,
			"stack.url":            "",
		},
		secrets:     map[string]secretKey{},
		openSecrets: map[string]string{},
	}
	if source.PullRequest != nil {
		r.scope.literals["source.pullRequest"] = strconv.FormatInt(*source.PullRequest, 10)
	}
	r.serviceVariables()
	for _, m := range s.Mocks {
		r.scope.literals["mocks."+m.Name+".url"] = fmt.Sprintf("http://%s:%d", m.Name, m.Port)
		r.scope.literals["mocks."+m.Name+".host"] = m.Name
		r.scope.literals["mocks."+m.Name+".port"] = strconv.Itoa(int(m.Port))
	}
	for _, d := range s.Databases {
		for _, key := range []string{dbv1alpha1.KeyURL, dbv1alpha1.KeyHost, dbv1alpha1.KeyPort, dbv1alpha1.KeyDatabase, dbv1alpha1.KeyUsername, dbv1alpha1.KeyPassword} {
			r.scope.secrets["databases."+d.Name+"."+key] = secretKey{
				secret: names.DatabaseSecretName(d.Name), key: key, part: Part{Kind: PartDatabase, Name: d.Name},
			}
		}
	}
	for _, sec := range s.Secrets {
		r.scope.openSecrets[sec.Name] = names.SecretName(sec.Name)
	}
}

func (r *resolver) serviceVariables() {
	for _, name := range sortedKeys(r.merged.Services) {
		ports := servicePorts(r.merged.Services[name].Ports)
		if len(ports) == 0 {
			continue
		}
		first := mainPort(ports)
		r.scope.literals["services."+name+".host"] = name
		r.scope.literals["services."+name+".port"] = strconv.Itoa(int(first.Number))
		r.scope.literals["services."+name+".url"] = fmt.Sprintf("http://%s:%d", name, first.Number)
	}
	for _, route := range r.stack.Routes {
		if route.Primary {
			r.scope.literals["stack.url"] = route.URL
		}
		for _, rule := range route.Rules {
			key := "services." + rule.Service + ".publicURL"
			if _, taken := r.scope.literals[key]; !taken {
				r.scope.literals[key] = route.URL
			}
		}
	}
}

// expand replaces ${name} by its value; $${ writes ${.
func (r *resolver) expand(field, raw string) text {
	var out strings.Builder
	var refs []secretKey
	rest := raw
	for {
		before, after, found := strings.Cut(rest, "${")
		if found && strings.HasSuffix(before, "$") {
			out.WriteString(before[:len(before)-1] + "${")
			rest = after
			continue
		}
		out.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			r.problem(field, "has a variable without an end (%q): close it with }, or write $${ for a literal ${", "${"+shorten(after, 40))
			break
		}
		rest = tail
		if value, ok := r.scope.literals[name]; ok {
			out.WriteString(value)
			continue
		}
		ref, ok := r.scope.secret(name)
		if !ok {
			r.problem(field, "uses ${%s}, which does not exist%s", shorten(name, 80), r.scope.suggest(name))
			continue
		}
		refs = append(refs, ref)
		out.WriteString("$(" + ref.variable() + ")")
	}
	t := text{value: out.String(), refs: refs}
	t.whole = len(refs) == 1 && t.value == "$("+refs[0].variable()+")"
	return t
}

// plain expands where a secret cannot go, because the value is stored in the
// open or read before the container's environment exists.
func (r *resolver) plain(field, raw, why string) string {
	t := r.expand(field, raw)
	if len(t.refs) > 0 {
		r.problem(field, "uses a secret (%s of %s), but %s: pass it as an environment variable instead", t.refs[0].key, t.refs[0].part, why)
	}
	return t.value
}

func (s scope) secret(name string) (secretKey, bool) {
	if ref, ok := s.secrets[name]; ok {
		return ref, true
	}
	rest, ok := strings.CutPrefix(name, "secrets.")
	if !ok {
		return secretKey{}, false
	}
	entry, key, ok := strings.Cut(rest, ".")
	if !ok || key == "" {
		return secretKey{}, false
	}
	secret, ok := s.openSecrets[entry]
	return secretKey{secret: secret, key: key, part: Part{Kind: PartSecret, Name: entry}}, ok
}

// suggest lists what exists in the family of a name that does not.
func (s scope) suggest(name string) string {
	family, _, _ := strings.Cut(name, ".")
	var known []string
	for k := range s.literals {
		if strings.HasPrefix(k, family+".") {
			known = append(known, "${"+k+"}")
		}
	}
	for k := range s.secrets {
		if strings.HasPrefix(k, family+".") {
			known = append(known, "${"+k+"}")
		}
	}
	for k := range s.openSecrets {
		if family == "secrets" {
			known = append(known, "${secrets."+k+".KEY}")
		}
	}
	if len(known) == 0 {
		return ": there are source, stack, services, mocks, databases and secrets; write $${ for a literal ${"
	}
	slices.Sort(known)
	return ": known are " + shorten(strings.Join(known, ", "), 300)
}

// variable names the environment variable that carries a secret to where it
// is embedded. The hash keeps two keys apart that differ in punctuation only.
func (k secretKey) variable() string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(k.secret+"_"+k.key))
	return "PREVIEW_" + clean + "_" + strings.ToUpper(names.Hash(4, k.secret, k.key))
}

// env is the reference to the key, as Kubernetes resolves it.
func (k secretKey) env(name string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: k.secret}, Key: k.key,
	}}}
}

// shorten bounds text that came from a user.
func shorten(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "..."
}
