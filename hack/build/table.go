// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package build

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A tool is a third-party program.
type tool struct {
	// module is the folder below hack/tools whose go.mod pins the program.
	module string

	// pkg is the import path of its main package.
	pkg string

	// ldflags are added to -s -w.
	ldflags string

	// env is added to CGO_ENABLED=0, as NAME=value.
	env []string

	// minutes is about what a build takes on two cores with no cache, for the
	// line that tells people how long they will wait.
	minutes int
}

// Flags that make a program report the release it was built from. Others read
// them: clients decide by the API server's what it can do, and Crossplane
// refuses packages that ask for a newer core.
const (
	kubernetesVersion = "-X k8s.io/component-base/version.gitVersion=v1.36.3"
	crossplaneVersion = "-X github.com/crossplane/crossplane-runtime/v2/pkg/version.version=v2.4.0"
	minifluxBefore    = "-X miniflux.app/v2/internal/version.Version=2.2.12 -X miniflux.app/v2/internal/version.Commit=459b1bf1"
	minifluxAfter     = "-X miniflux.app/v2/internal/version.Version=2.2.13 -X miniflux.app/v2/internal/version.Commit=10b2b368"
	traefikVersion    = "-X github.com/traefik/traefik/v3/pkg/version.Version=3.6.0"
	kedaVersion       = "-X github.com/kedacore/keda/v2/version.Version=2.21.0"
	kedaHTTPVersion   = "-X github.com/kedacore/http-add-on/pkg/build.version=0.15.0"
	objectsVersion    = "-X github.com/crossplane-contrib/provider-kubernetes/internal/version.Version=v1.2.1"
)

// noMetricsByDefault keeps programs that have no flag for it, such as
// Crossplane's RBAC manager, from all serving metrics at port 8080 of one host.
const noMetricsByDefault = " -X sigs.k8s.io/controller-runtime/pkg/metrics/server.DefaultBindAddress=0"

// tools is everything that can be built, by name.
var tools = map[string]tool{
	"kube-apiserver":          {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kube-apiserver", ldflags: kubernetesVersion, minutes: 8},
	"kube-controller-manager": {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kube-controller-manager", ldflags: kubernetesVersion, minutes: 3},
	"kube-scheduler":          {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kube-scheduler", ldflags: kubernetesVersion, minutes: 2},
	"kubelet":                 {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kubelet", ldflags: kubernetesVersion, minutes: 3},
	"kube-proxy":              {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kube-proxy", ldflags: kubernetesVersion, minutes: 2},
	"kubectl":                 {module: "kubernetes", pkg: "k8s.io/kubernetes/cmd/kubectl", ldflags: kubernetesVersion, minutes: 2},
	"etcd":                    {module: "etcd", pkg: "go.etcd.io/etcd/server/v3", minutes: 1},
	"crossplane":              {module: "crossplane", pkg: "github.com/crossplane/crossplane/v2/cmd/crossplane", ldflags: crossplaneVersion + noMetricsByDefault, minutes: 3},
	"provider-kubernetes":     {module: "provider-kubernetes", pkg: "github.com/crossplane-contrib/provider-kubernetes/cmd/provider", ldflags: objectsVersion + noMetricsByDefault, minutes: 3},
	"kwok":                    {module: "kwok", pkg: "sigs.k8s.io/kwok/cmd/kwok", minutes: 2},
	"keda-operator":           {module: "keda", pkg: "github.com/kedacore/keda/v2/cmd/operator", ldflags: kedaVersion, minutes: 9},
	"keda-http-interceptor":   {module: "keda-http-add-on", pkg: "github.com/kedacore/http-add-on/interceptor", ldflags: kedaHTTPVersion, minutes: 3},
	"keda-http-operator":      {module: "keda-http-add-on", pkg: "github.com/kedacore/http-add-on/operator", ldflags: kedaHTTPVersion, minutes: 2},
	"keda-http-scaler":        {module: "keda-http-add-on", pkg: "github.com/kedacore/http-add-on/scaler", ldflags: kedaHTTPVersion, minutes: 2},
	"helm":                    {module: "helm", pkg: "helm.sh/helm/v3/cmd/helm", minutes: 2},
	"coredns":                 {module: "coredns", pkg: "github.com/coredns/coredns", minutes: 3},
	"traefik":                 {module: "traefik", pkg: "github.com/traefik/traefik/v3/cmd/traefik", ldflags: traefikVersion, minutes: 5},
	"controller-gen":          {module: "generate", pkg: "sigs.k8s.io/controller-tools/cmd/controller-gen", minutes: 1},
	"crd-ref-docs":            {module: "generate", pkg: "github.com/elastic/crd-ref-docs", minutes: 1},
	"golangci-lint":           {module: "lint", pkg: "github.com/golangci/golangci-lint/v2/cmd/golangci-lint", minutes: 5},
	"miniflux-2.2.12":         {module: "miniflux-2.2.12", pkg: "miniflux.app/v2", ldflags: minifluxBefore, minutes: 1},
	"miniflux-2.2.13":         {module: "miniflux-2.2.13", pkg: "miniflux.app/v2", ldflags: minifluxAfter, minutes: 1},
}

// Names lists the tools that can be built.
func Names() []string {
	return slices.Sorted(maps.Keys(tools))
}

func lookup(name string) (tool, error) {
	t, ok := tools[name]
	if !ok {
		return tool{}, fmt.Errorf("cannot build %q: there is no such tool; the tools are %s", name, strings.Join(Names(), ", "))
	}
	return t, nil
}

// flags are the arguments of go build.
func (t tool) flags() []string {
	return []string{"-trimpath", "-ldflags", strings.TrimSpace("-s -w " + t.ldflags)}
}

func (t tool) environment() []string {
	return append([]string{"CGO_ENABLED=0"}, t.env...)
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// produces is the file name that go build gives the program: the last element
// of its import path that is not a major version.
func (t tool) produces() string {
	base := path.Base(t.pkg)
	if majorVersion.MatchString(base) {
		return path.Base(path.Dir(t.pkg))
	}
	return base
}
