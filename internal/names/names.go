// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package names gives every object of a stack its name. All names are derived
// from the claim's namespace and name (the composite's name carries a random
// suffix), so that a re-created claim finds the same names, and two claims
// never share one. The package knows no kinds' fields and makes no objects.
package names

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
)

const (
	maxLabel     = 63 // of a DNS label and of a label value
	namespaceTag = "pv"
	hashLength   = 8
)

// alphabet is what DNS labels and label values may hold in common.
var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// An Identity says whose stack it is. A composite without a claim has an
// empty namespace and the composite's own name.
type Identity struct {
	// ClaimNamespace and ClaimName of the claim.
	ClaimNamespace, ClaimName string
}

// Hash is the identity in eight characters.
func (i Identity) Hash() string { return Hash(hashLength, i.ClaimNamespace, i.ClaimName) }

// Namespace is the preview namespace: pv-<claim>-<hash>, at most 63 characters.
func (i Identity) Namespace() string {
	room := maxLabel - len(namespaceTag) - hashLength - 2
	return namespaceTag + "-" + Slug(i.ClaimName, room) + "-" + i.Hash()
}

// ClusterScoped names an object outside the preview namespace that belongs to
// one part of the stack.
func (i Identity) ClusterScoped(part string) string { return i.Namespace() + "-" + part }

// Hash gives the first n characters of a hash of parts. Each part is prefixed
// by its length, so that moving a character from one to the next changes it.
func Hash(n int, parts ...string) string {
	var all []byte
	for _, p := range parts {
		all = binary.BigEndian.AppendUint64(all, uint64(len(p)))
		all = append(all, p...)
	}
	sum := sha256.Sum256(all)
	return alphabet.EncodeToString(sum[:])[:n]
}

// Slug makes text fit for a DNS label of at most limit characters: lower-case
// letters, digits and single hyphens, neither first nor last. Text without any
// of these becomes "x".
func Slug(text string, limit int) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(text) {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			hyphen = b.Len() > 0
			continue
		}
		if hyphen {
			b.WriteByte('-')
			hyphen = false
		}
		b.WriteRune(r)
	}
	s := b.String()
	if len(s) > limit {
		s = strings.TrimRight(s[:limit], "-")
	}
	if s == "" {
		return "x"
	}
	return s
}

// LabelValue makes text fit for a label's value: at most 63 characters of
// letters, digits, '-', '_' and '.'. Text that had to be changed ends in a
// hash of the original, so that two texts do not become one value.
func LabelValue(text string) string {
	value := strings.Map(func(r rune) rune {
		if isLabelRune(r) {
			return r
		}
		return '-'
	}, text)
	value = strings.Trim(value, "-_.")
	if value == text && len(value) <= maxLabel {
		return value
	}
	if len(value) > maxLabel-hashLength-1 {
		value = value[:maxLabel-hashLength-1]
	}
	value = strings.TrimRight(value, "-_.")
	if value == "" {
		return Hash(hashLength, text)
	}
	return value + "-" + Hash(hashLength, text)
}

func isLabelRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.'
}

// HostLabel fills a class's host template for one service: one DNS label of at
// most 63 characters. {claim} gives way first when it is too long, then
// {service}; {hash5} never does.
func HostLabel(template, service string, id Identity, pullRequest *int64) string {
	pr := "branch"
	if pullRequest != nil {
		pr = strconv.FormatInt(*pullRequest, 10)
	}
	hash := id.Hash()[:5]
	fill := func(claim, service string) string {
		return filled(template, map[string]string{"{service}": service, "{claim}": claim, "{hash5}": hash, "{pr}": pr})
	}
	claim := Slug(id.ClaimName, maxLabel)
	label := fill(claim, service)
	if over := len(label) - maxLabel; over > 0 {
		claim = Slug(claim, max(len(claim)-over, 1))
		label = fill(claim, service)
	}
	if over := len(label) - maxLabel; over > 0 {
		label = fill(claim, Slug(service, max(len(service)-over, 1)))
	}
	return Slug(label, maxLabel)
}

// filled replaces the placeholders of a template, once: what a value looks like
// is no placeholder.
func filled(template string, values map[string]string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(template, "{")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := values["{"+name+"}"]
		if !closed || !known {
			b.WriteByte('{')
			template = rest
			continue
		}
		b.WriteString(value)
		template = after
	}
}

// RunName names one run of a job: its hash changes with the job's template, as
// a Job cannot be changed.
func RunName(job, hash string) string { return job + "-" + hash }

// FilesName names the ConfigMap with the files of a service, job or mock.
func FilesName(part string) string { return part + "-files" }

// DatabaseSecretName names the Secret with a database's connection.
func DatabaseSecretName(database string) string { return database + "-database" }

// SecretName names the Secret of an entry of spec.secrets.
func SecretName(secret string) string { return secret + "-secret" }

// GoldenSnapshotName names the snapshot that a volume is filled from.
func GoldenSnapshotName(volume string) string { return volume + "-golden" }

// InterceptorRouteName names the way of one kind of visitor, empty for any, to
// one port of a service below a host. Its parts hold no dots.
func InterceptorRouteName(route, service string, port int32, visitor string) string {
	name := route + "." + service + "." + strconv.Itoa(int(port))
	if visitor != "" {
		name += "." + visitor
	}
	return name
}
