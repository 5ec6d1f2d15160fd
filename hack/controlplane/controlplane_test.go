// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestIssue(t *testing.T) {
	ca, err := NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	cases := map[string]struct {
		reason  string
		subject Subject
		verify  x509.VerifyOptions
		want    bool
	}{
		"Server": {
			reason:  "A server's certificate is good for its address.",
			subject: Subject{Name: "s", Hosts: []string{"127.0.0.1", "localhost"}},
			verify:  x509.VerifyOptions{DNSName: "127.0.0.1", KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}},
			want:    true,
		},
		"OtherHost": {
			reason:  "A server's certificate is good for no other name.",
			subject: Subject{Name: "s", Hosts: []string{"127.0.0.1", "localhost"}},
			verify:  x509.VerifyOptions{DNSName: "example.com"},
			want:    false,
		},
		"Client": {
			reason:  "A client's certificate identifies it.",
			subject: Subject{Name: "c", Groups: []string{"g"}},
			verify:  x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}},
			want:    true,
		},
		"ClientAsServer": {
			reason:  "A user's certificate must not let it play a server.",
			subject: Subject{Name: "c", Groups: []string{"g"}},
			verify:  x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}},
			want:    false,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pair, err := ca.Issue(tc.subject)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := tls.X509KeyPair(pair.Certificate, pair.Key)
			if err != nil {
				t.Fatal(err)
			}
			tc.verify.Roots = roots
			if _, err := parsed.Leaf.Verify(tc.verify); (err == nil) != tc.want {
				t.Errorf("%s: want valid %t, got %v", tc.reason, tc.want, err)
			}
			groups := parsed.Leaf.Subject.Organization
			if diff := cmp.Diff(tc.subject.Groups, groups); diff != "" || parsed.Leaf.Subject.CommonName != tc.subject.Name {
				t.Errorf("%s: the subject must be kept: %s", tc.reason, diff)
			}
		})
	}
}

func TestParseCA(t *testing.T) {
	ca, err := NewCA("test")
	if err != nil {
		t.Fatal(err)
	}
	key, err := ca.keyPEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseCA(KeyPair{Certificate: ca.PEM, Key: key})
	if err != nil || !again.certificate.Equal(ca.certificate) {
		t.Errorf("what a CA wrote must be readable as that CA: %v", err)
	}
	other, err := NewCA("other")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseCA(KeyPair{Certificate: other.PEM, Key: key}); err == nil {
		t.Error("a key that does not belong to the certificate must be refused")
	}
}

func TestAPIServiceIP(t *testing.T) {
	cases := map[string]struct {
		reason string
		cidr   string
		want   string
		err    string
	}{
		"Default": {reason: "The API server takes the first address.", cidr: "10.96.0.0/16", want: "10.96.0.1"},
		"Offset":  {reason: "An address within the range means its first one too.", cidr: "10.7.3.9/24", want: "10.7.3.1"},
		"NoRange": {reason: "A bare address is a plausible mistake.", cidr: "10.96.0.0", err: `"10.96.0.0"`},
		"IPv6":    {reason: "Only IPv4 is set up.", cidr: "fd00::/108", err: "not an IPv4 range"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Options{ServiceCIDR: tc.cidr}.apiServiceIP()
			if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: want error %q, got %v", tc.reason, tc.err, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	free, err := Options{Ports: Ports{API: 7443}}.withDefaults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := free.Ports
	distinct := map[int]bool{p.Etcd: true, p.EtcdPeer: true, p.API: true, p.ControllerManager: true, p.Scheduler: true}
	if len(distinct) != 5 || distinct[0] || p.API != 7443 {
		t.Errorf("ports that are not given must be free ones, all different: %+v", p)
	}
	usual, err := Options{NetNS: "/run/netns/x"}.withDefaults(t.Context())
	if diff := cmp.Diff(Ports{2379, 2380, 6443, 10257, 10259}, usual.Ports); diff != "" || err != nil {
		t.Errorf("a network of its own has the usual ports: %v %s", err, diff)
	}
}

func TestReadManifests(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml":     "# nothing but a comment\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n---\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: two}\n",
		"b.yaml":     "apiVersion: v1\nkind: Namespace\nmetadata: {name: three}\n",
		"readme.txt": "not: a manifest",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		reason string
		path   string
		want   []string
	}{
		"File":   {reason: "A stream may hold several objects, and empty documents.", path: filepath.Join(dir, "a.yaml"), want: []string{"one", "two"}},
		"Folder": {reason: "A folder means its YAML files, in order.", path: dir, want: []string{"one", "two", "three"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			objects, err := ReadManifests(tc.path)
			if diff := cmp.Diff(tc.want, namesOf(objects)); diff != "" || err != nil {
				t.Errorf("%s: %v %s", tc.reason, err, diff)
			}
		})
	}
	if _, err := ReadManifests(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file must be an error, got %v", err)
	}
}

func namesOf(objects []*unstructured.Unstructured) []string {
	names := make([]string, 0, len(objects))
	for _, object := range objects {
		names = append(names, object.GetName())
	}
	return names
}

func TestMakeProviderRights(t *testing.T) {
	objects, err := MakeProviderRights("p", []string{"branches.database.microstaging.dev"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"p", "crossplane:provider:p:system", "crossplane:provider:p:aggregate-to-edit", "crossplane:provider:p:system"}
	if diff := cmp.Diff(want, namesOf(objects)); diff != "" {
		t.Errorf("service account, the provider's role, Crossplane's role, binding: %s", diff)
	}
	for _, object := range objects[1:3] {
		role := &rbacv1.ClusterRole{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			if strings.Contains(strings.Join(append(rule.APIGroups, rule.Resources...), " "), "*") {
				t.Errorf("%s: a provider must not reach all kinds: %v", role.Name, rule)
			}
		}
	}
}
