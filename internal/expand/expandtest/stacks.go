// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package expandtest holds resolved stacks for tests of what is made of them:
// one that uses every field, and others that lie at its edges.
package expandtest

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// Stacks are all of them, by what is special about each.
func Stacks() map[string]*stack.Stack {
	hostile := Full()
	hostile.Identity = names.Identity{ClaimNamespace: "team", ClaimName: strings.Repeat("feature.long", 20)}
	hostile.Namespace = hostile.Identity.Namespace()
	hostile.Source.Branch = "feature/Größe\n" + strings.Repeat("x", 200)
	hostile.Source.Author = "<img src=x onerror=alert(1)>"

	ingress := Full()
	ingress.Class.Gateway = &v1alpha1.Gateway{
		Kind: v1alpha1.GatewayIngress, IngressClassName: "nginx", Namespace: "ingress-nginx",
		Annotations: map[string]string{"nginx.ingress.kubernetes.io/proxy-body-size": "50m"},
	}
	ingress.Class.Auth.OIDC = &v1alpha1.OIDC{Annotations: map[string]string{"nginx.ingress.kubernetes.io/auth-url": "https://login.example.com"}}

	baseline := Full()
	baseline.Class.PodSecurity.Level = v1alpha1.PodSecurityBaseline

	return map[string]*stack.Stack{
		"minimal": Minimal(), "full": Full(), "hostile names": hostile, "ingress": ingress, "baseline": baseline, "sleeping": Sleeping(),
	}
}

// Minimal is one exposed service, without a claim.
func Minimal() *stack.Stack {
	s := newStack(names.Identity{ClaimName: "adhoc"})
	s.Services = []stack.Service{web()}
	s.Routes = []stack.Route{route("web", v1alpha1.AuthNone, stack.RouteRule{Paths: []string{"/"}, Service: "web", Port: 8080})}
	return s
}

// Full has a part of each kind and sort.
func Full() *stack.Stack {
	s := newStack(names.Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"})
	s.Source.PullRequest = ptr.To(int64(402))
	s.Source.Branch, s.Source.Author = "feat/cart", "octocat"
	s.Services = []stack.Service{API(), web(), worker()}
	s.Jobs = jobs()
	s.Mocks = Mocks()
	s.Volumes = volumes()
	s.Databases = []stack.Database{{Name: "db", Golden: "shop", Engine: v1alpha1.EnginePostgres}}
	s.Secrets = []stack.Secret{
		{Name: "salt", GenerateLength: 32},
		{Name: "stripe", Store: "vault", Path: "preview/stripe"},
		{Name: "token", CopyFrom: "shop-token"},
	}
	s.Egress = []v1alpha1.Egress{
		{CIDR: "0.0.0.0/0", Ports: []int32{443}},
		{Host: "api.stripe.com", Ports: []int32{443, 8443}},
	}
	s.Routes = []stack.Route{
		route("api-grpc", v1alpha1.AuthNone, stack.RouteRule{Paths: []string{"/"}, Service: "api", Port: 9090, Protocol: v1alpha1.ProtocolGRPC}),
		route("web", v1alpha1.AuthOIDC,
			stack.RouteRule{Paths: []string{"/api", "/login"}, Service: "api", Port: 8080},
			stack.RouteRule{Paths: []string{"/"}, Service: "web", Port: 8080}),
	}
	s.Manifests = []stack.Manifest{
		{Name: "gateway", Object: manifest("gateway.networking.k8s.io/v1", "Gateway")},
		{Name: "pdb", Object: manifest("policy/v1", "PodDisruptionBudget")},
	}
	return s
}

// Sleeping is Full without what cannot lead through an interceptor.
func Sleeping() *stack.Stack {
	s := Full()
	s.Class.Sleep.Mode = v1alpha1.SleepTraffic
	s.Sleep = stack.Sleep{Mode: v1alpha1.SleepTraffic, After: 30 * time.Minute, Intercepted: true}
	s.Routes = s.Routes[1:]
	s.Routes[0].Auth = v1alpha1.AuthNone
	return s
}

func newStack(id names.Identity) *stack.Stack {
	return &stack.Stack{
		Identity:  id,
		Namespace: id.Namespace(),
		ClassName: "standard",
		Class: v1alpha1.PreviewClassSpec{
			Domain:           "preview.example.com",
			Gateway:          &v1alpha1.Gateway{Kind: v1alpha1.GatewayHTTPRoute, ParentRef: &v1alpha1.GatewayReference{Namespace: "gateway-system", Name: "preview"}},
			Auth:             v1alpha1.Auth{OIDC: &v1alpha1.OIDC{ExtensionRef: &v1alpha1.ExtensionReference{Group: "traefik.io", Kind: "Middleware", Name: "oidc"}}},
			Access:           v1alpha1.Access{Groups: []string{"team-shop", "support"}},
			Egress:           v1alpha1.ClassEgress{Hosts: v1alpha1.EgressHostsCilium},
			ImagePullSecrets: []string{"registry"},
			Prices: &v1alpha1.Prices{
				Currency: "EUR", CPU: ptr.To(resource.MustParse("0.031")), Memory: ptr.To(resource.MustParse("0.004")),
				Storage: ptr.To(resource.MustParse("0.00014")), Database: ptr.To(resource.MustParse("0.01")),
			},
		},
		Source: v1alpha1.Source{Repository: "acme/shop", Revision: "9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5"},
		Reserved: stack.Reserved{
			Requests: amounts("1500m", "3Gi"), Limits: amounts("3", "6Gi"), Surge: amounts("1", "1Gi"),
			Storage: resource.MustParse("30Gi"), Pods: 9, Databases: 1,
		},
	}
}

// API is a service with everything.
func API() stack.Service {
	c := Container("api")
	c.Command, c.Args = []string{"/api"}, []string{"--verbose"}
	c.Env = []corev1.EnvVar{{Name: "B_FIRST", Value: "1"}, {Name: "A_SECOND", Value: "$(B_FIRST)"}}
	c.EnvFrom = []string{names.SecretName("stripe")}
	c.Files = []stack.File{{Path: "/etc/api.yaml", Key: "api.yaml.abc", Content: "a: 1"}, {Path: "/etc/b.yaml", Key: "b.yaml.def", Content: "b: 1"}}
	c.Mounts = []stack.Mount{{Path: "/data", Volume: "uploads"}, {Path: "/more", Volume: "uploads", SubPath: "more", ReadOnly: true}}
	c.RunAsUser, c.RunAsGroup, c.FSGroup = ptr.To(int64(10001)), ptr.To(int64(10001)), ptr.To(int64(10001))
	c.ReadOnlyRootFilesystem = true
	c.DependsOn = []stack.Dependency{{Part: stack.Part{Kind: stack.PartDatabase, Name: "db"}, Condition: v1alpha1.DependencyReady}}
	c.Databases, c.Secrets = []string{"db"}, []string{"stripe"}
	return stack.Service{
		Name: "api", Container: c, Replicas: 1, Exclusive: true, Exposed: []string{"grpc", "http"},
		Ports: []stack.Port{
			{Name: "dns", Number: 5353, Protocol: v1alpha1.ProtocolUDP},
			{Name: "grpc", Number: 9090, Protocol: v1alpha1.ProtocolGRPC},
			{Name: "http", Number: 8080, Protocol: v1alpha1.ProtocolHTTP},
		},
		Check: stack.Check{HTTPPath: "/healthz", Port: 8080, StartSeconds: 30},
	}
}

func web() stack.Service {
	return stack.Service{
		Name: "web", Container: Container("web"), Replicas: 2, Exposed: []string{"http"},
		Ports: []stack.Port{{Name: "http", Number: 8080, Protocol: v1alpha1.ProtocolHTTP}},
		Check: stack.Check{TCP: true, Port: 8080, StartSeconds: 120},
	}
}

// worker has neither ports nor a check.
func worker() stack.Service {
	return stack.Service{Name: "worker", Container: Container("worker"), Replicas: 1, BeforeJobs: true}
}

func jobs() []stack.Job {
	migrate := stack.Job{Name: "migrate", Container: Container("api"), Phase: v1alpha1.JobPreDeploy, Run: v1alpha1.JobEachRevision, TimeoutSeconds: 600, Retries: 1}
	migrate.Files = []stack.File{{Path: "/migrations/1.sql", Key: "1.sql.abc", Content: "select 1"}}
	return []stack.Job{
		{Name: "digest", Container: Container("worker"), Schedule: "*/15 * * * *", TimeoutSeconds: 60},
		migrate,
		{Name: "seed", Container: Container("api"), Phase: v1alpha1.JobPreDeploy, Run: v1alpha1.JobOnce, TimeoutSeconds: 600},
		{Name: "smoke", Container: Container("web"), Phase: v1alpha1.JobPostDeploy, Run: v1alpha1.JobEachRevision, TimeoutSeconds: 60},
	}
}

// Mocks are one of each engine.
func Mocks() []stack.Mock {
	user := ptr.To(int64(1000))
	resources := corev1.ResourceRequirements{Requests: amounts("50m", "192Mi"), Limits: amounts("1", "512Mi")}
	return []stack.Mock{
		{Name: "legacy", Engine: v1alpha1.MockHoverfly, Image: "hoverfly:1", Port: 8500, Resources: resources, RunAsUser: user,
			Files: []stack.File{{Path: "simulation.json", Key: "simulation.json.a", Content: "{}"}}},
		{Name: "mail", Engine: v1alpha1.MockOpenAPI, Image: "prism:5", Port: 4010, Resources: resources, RunAsUser: user,
			Files: []stack.File{{Path: "openapi.yaml", Key: "openapi.yaml.a", Content: "openapi: 3.1.0"}}},
		{Name: "pay", Engine: v1alpha1.MockWireMock, Image: "wiremock:3", Port: 8080, Resources: resources, RunAsUser: user,
			Files: []stack.File{
				{Path: "__files/a/body.json", Key: "body.json.a", Content: "{}"},
				{Path: "mappings/a.json", Key: "a.json.a", Content: "{}"},
				{Path: "mappings/deep/b.json", Key: "b.json.b", Content: "{}"},
			}},
	}
}

func volumes() []stack.Volume {
	return []stack.Volume{
		{Name: "copy", Size: resource.MustParse("5Gi"), AccessMode: corev1.ReadWriteOnce, CloneOf: "uploads"},
		{Name: "scratch", Size: resource.MustParse("5Gi"), AccessMode: corev1.ReadWriteMany, StorageClass: "nfs"},
		{Name: "uploads", Size: resource.MustParse("20Gi"), AccessMode: corev1.ReadWriteOnce, SnapshotClass: "csi", Mounted: true,
			Golden: &v1alpha1.GoldenSnapshot{Driver: "ebs.csi.aws.com", Handle: "snap-0a1b2c3d", Size: resource.MustParse("20Gi")}},
	}
}

// Container of an image, with complete resources.
func Container(image string) stack.Container {
	return stack.Container{
		Image:     "r.example.com/shop/" + image + ":9f1c2ab",
		Resources: corev1.ResourceRequirements{Requests: amounts("50m", "128Mi"), Limits: amounts("500m", "512Mi")},
	}
}

func amounts(cpu, memory string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
}

func route(name string, auth v1alpha1.AuthMode, rules ...stack.RouteRule) stack.Route {
	host := name + "-shop.preview.example.com"
	return stack.Route{Name: name, Host: host, URL: "https://" + host, Auth: auth, Rules: rules}
}

func manifest(apiVersion, kind string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	u.SetName("extra")
	return u
}
