// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/expand/expandtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// find gives the one object of a stack under a key, as its type.
func find[T runtime.Object](t *testing.T, s *stack.Stack, key string) T {
	t.Helper()
	for _, o := range expand.Expand(s, credentials) {
		if o.Key == key {
			out, ok := o.Object.(T)
			if !ok {
				t.Fatalf("%s is a %T", key, o.Object)
			}
			return out
		}
	}
	panic("the stack has no " + key)
}

func has(s *stack.Stack, prefix string) bool {
	for _, o := range expand.Expand(s, credentials) {
		if strings.HasPrefix(o.Key, prefix) {
			return true
		}
	}
	return false
}

func TestKeys(t *testing.T) {
	want := []string{
		"cronjob-digest", "database-db", "deployment-api", "deployment-web", "deployment-worker",
		"files-api", "files-migrate", "job-migrate-HASH", "job-seed", "job-smoke-HASH", "limit-range",
		"manifest-gateway", "manifest-pdb", "mock-files-legacy", "mock-files-mail", "mock-files-pay", "mock-legacy", "mock-mail",
		"mock-pay", "mock-service-legacy", "mock-service-mail", "mock-service-pay", "namespace",
		"policy-deny", "policy-dns", "policy-egress", "policy-gateway-api", "policy-gateway-web", "policy-hosts", "policy-internal",
		"quota", "route-api-grpc", "route-web", "secret-salt", "secret-stripe", "secret-token", "service-account",
		"service-api", "service-web", "snapshot-content-uploads", "snapshot-uploads", "team-access",
		"volume-copy", "volume-scratch", "volume-uploads",
	}
	var got []string
	for _, o := range expand.Expand(expandtest.Full(), nil) {
		key := o.Key
		for _, job := range []string{"job-migrate-", "job-smoke-"} {
			if hash, ok := strings.CutPrefix(key, job); ok && len(hash) == 8 {
				key = job + "HASH"
			}
		}
		got = append(got, key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Expand(): -want, +got keys:\n%s", diff)
	}
}

func TestNeedsCRD(t *testing.T) {
	want := map[string]string{
		"database-db":              "databasebranches.database.microstaging.dev",
		"manifest-gateway":         "gateways.gateway.networking.k8s.io",
		"policy-hosts":             "ciliumnetworkpolicies.cilium.io",
		"route-api-grpc":           "httproutes.gateway.networking.k8s.io",
		"route-web":                "httproutes.gateway.networking.k8s.io",
		"secret-salt":              "stacksecrets.secret.microstaging.dev",
		"secret-stripe":            "externalsecrets.external-secrets.io",
		"secret-token":             "stacksecrets.secret.microstaging.dev",
		"snapshot-content-uploads": "volumesnapshotcontents.snapshot.storage.k8s.io",
		"snapshot-uploads":         "volumesnapshots.snapshot.storage.k8s.io",
	}
	got := map[string]string{}
	for _, o := range expand.Expand(expandtest.Full(), nil) {
		if o.NeedsCRD != "" {
			got[o.Key] = o.NeedsCRD
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Expand(): -want, +got NeedsCRD:\n%s", diff)
	}
}

func TestJobNames(t *testing.T) {
	cases := map[string]struct {
		reason  string
		job     string
		change  func(*stack.Stack)
		changes bool
	}{
		"RevisionOfEachRevision": {
			reason: "a migration runs again for a new commit, even if its image has the same name",
			job:    "job-migrate", changes: true,
			change: func(s *stack.Stack) { s.Source.Revision = "0000000" },
		},
		"ImageOfEachRevision": {
			reason: "the template of a Job cannot change",
			job:    "job-migrate", changes: true,
			change: func(s *stack.Stack) { s.Jobs[1].Image = "other:1" },
		},
		"FileOfEachRevision": {
			reason: "another migration script is another migration",
			job:    "job-migrate", changes: true,
			change: func(s *stack.Stack) { s.Jobs[1].Files[0].Content = "select 2" },
		},
		"TimeoutOfEachRevision": {
			reason: "what can be changed of a Job does not run it again",
			job:    "job-migrate", changes: false,
			change: func(s *stack.Stack) { s.Jobs[1].TimeoutSeconds = 1200 },
		},
		"BranchAndClass": {
			reason: "what is written about the source elsewhere does not run a job again",
			job:    "job-migrate", changes: false,
			change: func(s *stack.Stack) { s.Source.Branch, s.ClassName = "renamed", "other" },
		},
		"PushOfOnce": {
			reason: "a seed must not run again because a push changed an image tag",
			job:    "job-seed", changes: false,
			change: func(s *stack.Stack) { s.Source.Revision, s.Jobs[2].Image = "0000000", "other:1" },
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			names := func(s *stack.Stack) (out string) {
				for _, o := range expand.Expand(s, nil) {
					if j, ok := o.Object.(*batchv1.Job); ok && strings.HasPrefix(o.Key, tc.job) {
						out = o.Key + " " + j.GetName()
					}
				}
				return out
			}
			changed := expandtest.Full()
			tc.change(changed)
			before, after := names(expandtest.Full()), names(changed)
			if (before != after) != tc.changes {
				t.Errorf("%s: job was %q and is %q", tc.reason, before, after)
			}
		})
	}
}

func TestCredentialsAndFilesRoll(t *testing.T) {
	annotations := func(s *stack.Stack, versions map[string]int64) map[string]string {
		return expand.MakeDeployment(s, s.Services[0], versions).Spec.Template.Annotations
	}
	cases := map[string]struct {
		reason   string
		files    string
		versions map[string]int64
		want     string
	}{
		"Unknown": {"a version that nobody knows yet is not written", "a: 1", nil, ""},
		"Known":   {"versions are readable, so that people see why pods rolled", "a: 1", credentials, "database-db=3,secret-stripe=1"},
		"Foreign": {"credentials of other services do not roll this one", "a: 1", map[string]int64{"secret-salt": 9}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, annotations(expandtest.Full(), tc.versions)["microstaging.dev/credentials"]); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
	changed := expandtest.Full()
	changed.Services[0].Files[0].Content = "a: 2"
	if annotations(expandtest.Full(), nil)[v1alpha1.AnnotationConfigHash] == annotations(changed, nil)[v1alpha1.AnnotationConfigHash] {
		t.Error("a changed file does not roll the service that mounts it")
	}
}

func TestDeployment(t *testing.T) {
	rolling := appsv1.RollingUpdateDeploymentStrategyType
	cases := map[string]struct {
		reason, key   string
		strategy      appsv1.DeploymentStrategyType
		deadline      int32
		startFailures int32
		settle        int32
	}{
		"Exclusive": {"two pods cannot hold one volume", "deployment-api", appsv1.RecreateDeploymentStrategyType, 330, 30, 0},
		"Checked":   {"the old pod serves until the new one is ready", "deployment-web", rolling, 420, 120, 0},
		"Unchecked": {"a worker that crashes at once must not replace one that runs", "deployment-worker", rolling, 300, 0, 5},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := find[*appsv1.Deployment](t, expandtest.Full(), tc.key)
			if d.Spec.Strategy.Type != tc.strategy || *d.Spec.ProgressDeadlineSeconds != tc.deadline || d.Spec.MinReadySeconds != tc.settle {
				t.Errorf("%s: strategy %s, deadline %d s, settles %d s", tc.reason, d.Spec.Strategy.Type, *d.Spec.ProgressDeadlineSeconds, d.Spec.MinReadySeconds)
			}
			probe := ptr.Deref(d.Spec.Template.Spec.Containers[0].StartupProbe, corev1.Probe{})
			if probe.FailureThreshold != tc.startFailures {
				t.Errorf("%s: the start may fail %d times, want %d", tc.reason, probe.FailureThreshold, tc.startFailures)
			}
		})
	}
	for key, drains := range map[string]bool{"deployment-web": true, "deployment-worker": false} {
		d := find[*appsv1.Deployment](t, expandtest.Full(), key)
		if got := d.Spec.Template.Spec.Containers[0].Lifecycle != nil; got != drains {
			t.Errorf("%s goes on answering after it was told to end: %t, want %t: what a gateway sends to must", key, got, drains)
		}
	}
	d := find[*appsv1.Deployment](t, expandtest.Full(), "deployment-web")
	if got := d.Labels[v1alpha1.LabelRevision]; got != expandtest.Full().Source.Revision {
		t.Errorf("the Deployment says it runs revision %q", got)
	}
}

func TestRootIsRefusedWhereTheClassRefusesIt(t *testing.T) {
	cases := map[string]struct {
		reason string
		level  v1alpha1.PodSecurityLevel
		user   *int64
		want   *bool
	}{
		"Restricted":     {"an image that runs as root is refused", v1alpha1.PodSecurityRestricted, nil, ptr.To(true)},
		"Unset":          {"a class that does not say is restricted", "", nil, ptr.To(true)},
		"Baseline":       {"the class lets images run as root", v1alpha1.PodSecurityBaseline, nil, nil},
		"BaselineAsUser": {"who names a user is held to it", v1alpha1.PodSecurityBaseline, ptr.To(int64(10001)), ptr.To(true)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := expandtest.Minimal()
			s.Class.PodSecurity.Level, s.Services[0].RunAsUser = tc.level, tc.user
			got := find[*appsv1.Deployment](t, s, "deployment-web").Spec.Template.Spec.SecurityContext.RunAsNonRoot
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: runAsNonRoot: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestEgress(t *testing.T) {
	cases := map[string]struct {
		reason string
		cidr   string
		want   []networkingv1.IPBlock
	}{
		"Everything": {
			"the metadata service stays closed", "0.0.0.0/0",
			[]networkingv1.IPBlock{{CIDR: "0.0.0.0/0", Except: []string{"100.100.100.200/32", "169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32"}}},
		},
		"EverythingIPv6":  {"so does that of IPv6", "::/0", []networkingv1.IPBlock{{CIDR: "::/0", Except: []string{"fd00:ec2::23/128", "fd00:ec2::254/128"}}}},
		"LinkLocal":       {"what contains it leaves it out", "169.254.169.0/24", []networkingv1.IPBlock{{CIDR: "169.254.169.0/24", Except: []string{"169.254.169.254/32"}}}},
		"Elsewhere":       {"other ranges are opened as they are", "203.0.113.0/24", []networkingv1.IPBlock{{CIDR: "203.0.113.0/24"}}},
		"HostBits":        {"the API server warns of bits below the prefix", "203.0.113.7/24", []networkingv1.IPBlock{{CIDR: "203.0.113.0/24"}}},
		"MetadataItself":  {"the address itself is not opened at all", "169.254.169.254/32", nil},
		"NotAnAddress":    {"what cannot be read opens nothing", "everything", nil},
		"MappedIntoIPv6":  {"an IPv4 address in IPv6's clothes is not another address", "::ffff:169.254.169.254/128", nil},
		"MappedIntoRange": {"nor is a range of them", "::ffff:0:0/96", nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := expandtest.Minimal()
			s.Egress = []v1alpha1.Egress{{CIDR: tc.cidr, Ports: []int32{443}}}
			var got []networkingv1.IPBlock
			if p := expand.MakeEgressPolicy(s); p != nil {
				for _, rule := range p.Spec.Egress {
					got = append(got, *rule.To[0].IPBlock)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestGatewayReachesExposedPortsOnly(t *testing.T) {
	s := expandtest.Full()
	s.Services[0].Exposed = []string{"http"}
	p := find[*networkingv1.NetworkPolicy](t, s, "policy-gateway-api")
	if got := p.Spec.PodSelector.MatchLabels[v1alpha1.LabelName]; got != "api" {
		t.Errorf("the policy selects the pods of %q", got)
	}
	var ports []int32
	for _, port := range p.Spec.Ingress[0].Ports {
		ports = append(ports, port.Port.IntVal)
	}
	if diff := cmp.Diff([]int32{8080}, ports); diff != "" {
		t.Errorf("the gateway reaches other ports than the exposed: -want, +got:\n%s", diff)
	}
	if has(s, "policy-gateway-worker") {
		t.Error("the gateway reaches a service that is not exposed")
	}
}

func TestQuota(t *testing.T) {
	s := expandtest.Full()
	s.Manifests = nil
	s.Class.Limits = v1alpha1.Limits{CPU: ptr.To(resource.MustParse("4")), Pods: ptr.To(int32(20))}
	got := map[corev1.ResourceName]string{}
	for name, q := range expand.MakeResourceQuota(s).Spec.Hard {
		got[name] = q.String()
	}
	want := map[corev1.ResourceName]string{
		"limits.cpu": "5", "limits.memory": "17Gi", "requests.storage": "50Gi", "persistentvolumeclaims": "3",
		"pods": "23", "services.loadbalancers": "0", "services.nodeports": "0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the class's limits and one more pod of each service: -want, +got:\n%s", diff)
	}
	if q := s.Class.Limits.CPU.String(); q != "4" {
		t.Errorf("the class's own limit became %s", q)
	}
}

func TestRoutesAreGuarded(t *testing.T) {
	ref := &v1alpha1.ExtensionReference{Group: "traefik.io", Kind: "Middleware", Name: "oidc"}
	annotations := map[string]string{"auth-url": "https://login.example.com"}
	cases := map[string]struct {
		reason  string
		kind    v1alpha1.GatewayKind
		auth    v1alpha1.AuthMode
		oidc    *v1alpha1.OIDC
		exposed bool
	}{
		"Filter":           {"a filter asks who it is", v1alpha1.GatewayHTTPRoute, v1alpha1.AuthOIDC, &v1alpha1.OIDC{ExtensionRef: ref}, true},
		"Annotations":      {"annotations do", v1alpha1.GatewayIngress, v1alpha1.AuthOIDC, &v1alpha1.OIDC{Annotations: annotations}, true},
		"Open":             {"nobody is to be asked", v1alpha1.GatewayHTTPRoute, v1alpha1.AuthNone, nil, true},
		"NoProvider":       {"nothing would ask", v1alpha1.GatewayHTTPRoute, v1alpha1.AuthOIDC, nil, false},
		"FilterOnIngress":  {"an Ingress knows no filters", v1alpha1.GatewayIngress, v1alpha1.AuthOIDC, &v1alpha1.OIDC{ExtensionRef: ref}, false},
		"NobodySaidHowTo":  {"an auth that is not set is not None", v1alpha1.GatewayHTTPRoute, "", nil, false},
		"EmptyDeclaration": {"an empty oidc asks nobody", v1alpha1.GatewayHTTPRoute, v1alpha1.AuthOIDC, &v1alpha1.OIDC{}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := expandtest.Minimal()
			s.Class.Gateway.Kind, s.Class.Auth.OIDC, s.Routes[0].Auth = tc.kind, tc.oidc, tc.auth
			if got := has(s, "route-"); got != tc.exposed {
				t.Errorf("%s: exposed = %t, want %t", tc.reason, got, tc.exposed)
			}
		})
	}
}

func TestHTTPRoute(t *testing.T) {
	route := find[*gatewayv1.HTTPRoute](t, expandtest.Full(), "route-web")
	var got []string
	for _, rule := range route.Spec.Rules {
		for _, m := range rule.Matches {
			got = append(got, string(*m.Path.Type)+" "+*m.Path.Value+" -> "+string(rule.BackendRefs[0].Name))
		}
		if len(rule.Filters) != 1 || rule.Filters[0].ExtensionRef.Name != "oidc" {
			t.Errorf("a rule of a guarded route has the filters %v", rule.Filters)
		}
	}
	if diff := cmp.Diff([]string{"PathPrefix /api -> api", "PathPrefix /login -> api", "PathPrefix / -> web"}, got); diff != "" {
		t.Errorf("paths: -want, +got:\n%s", diff)
	}
	if open := find[*gatewayv1.HTTPRoute](t, expandtest.Full(), "route-api-grpc"); open.Spec.Rules[0].Filters != nil {
		t.Error("an open route asks who it is")
	}
	service := find[*corev1.Service](t, expandtest.Full(), "service-api")
	if got := ptr.Deref(service.Spec.Ports[1].AppProtocol, ""); got != "kubernetes.io/h2c" {
		t.Errorf("gateways would speak HTTP/1.1 to the gRPC port: appProtocol is %q", got)
	}
}

func TestIngress(t *testing.T) {
	ingress := find[*networkingv1.Ingress](t, expandtest.Stacks()["ingress"], "route-web")
	if diff := cmp.Diff([]networkingv1.IngressTLS{{Hosts: []string{"web-shop.preview.example.com"}}}, ingress.Spec.TLS); diff != "" {
		t.Errorf("the controller's own certificate serves the host: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{
		"nginx.ingress.kubernetes.io/proxy-body-size": "50m",
		"nginx.ingress.kubernetes.io/auth-url":        "https://login.example.com",
	}, ingress.Annotations); diff != "" {
		t.Errorf("annotations: -want, +got:\n%s", diff)
	}
	open := find[*networkingv1.Ingress](t, expandtest.Stacks()["ingress"], "route-api-grpc")
	if _, asked := open.Annotations["nginx.ingress.kubernetes.io/auth-url"]; asked {
		t.Error("an open route asks who it is")
	}
}

func TestMocks(t *testing.T) {
	type started struct {
		Args   []string
		Mounts []string
		Ready  string
	}
	cases := map[string]struct {
		reason, key string
		want        started
	}{
		"WireMock": {
			"its command line refuses an option that the image set already", "mock-pay",
			started{nil, []string{"home:/home/wiremock", "files/__files:/home/wiremock/__files", "files/mappings:/home/wiremock/mappings"}, "/__admin/health:8080"},
		},
		"Hoverfly": {
			"it answers as a web server, not as a proxy", "mock-legacy",
			started{[]string{"-listen-on-host=0.0.0.0", "-webserver", "-import", "/mock/simulation.json"}, []string{"files:/mock"}, "/api/health:8888"},
		},
		"OpenAPI": {
			"it listens for others than itself", "mock-mail",
			started{[]string{"mock", "-h", "0.0.0.0", "-p", "4010", "/mock/openapi.yaml"}, []string{"files:/mock"}, ":4010"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := find[*appsv1.Deployment](t, expandtest.Full(), tc.key).Spec.Template.Spec.Containers[0]
			got := started{Args: c.Args}
			for _, m := range c.VolumeMounts {
				from := m.Name
				if m.SubPath != "" {
					from += "/" + m.SubPath
				}
				got.Mounts = append(got.Mounts, from+":"+m.MountPath)
			}
			if get := c.ReadinessProbe.HTTPGet; get != nil {
				got.Ready = get.Path + ":" + get.Port.String()
			} else {
				got.Ready = ":" + c.ReadinessProbe.TCPSocket.Port.String()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestVolumeSources(t *testing.T) {
	cases := map[string]struct {
		reason, key string
		class       *string
		want        *corev1.TypedLocalObjectReference
	}{
		"Golden": {"it starts from the snapshot in its own namespace", "volume-uploads", nil,
			&corev1.TypedLocalObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: "uploads-golden"}},
		"Clone": {"it starts from another volume", "volume-copy", nil, &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: "uploads"}},
		"Empty": {"it starts empty, of the class's storage class", "volume-scratch", ptr.To("nfs"), nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claim := find[*corev1.PersistentVolumeClaim](t, expandtest.Full(), tc.key)
			if diff := cmp.Diff(tc.want, claim.Spec.DataSource); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.class, claim.Spec.StorageClassName); diff != "" {
				t.Errorf("%s: -want, +got storage class:\n%s", tc.reason, diff)
			}
		})
	}
	content := find[*expand.VolumeSnapshotContent](t, expandtest.Full(), "snapshot-content-uploads")
	snapshot := find[*expand.VolumeSnapshot](t, expandtest.Full(), "snapshot-uploads")
	if content.Spec.DeletionPolicy != "Retain" || content.GetName() != snapshot.Spec.Source.VolumeSnapshotContentName ||
		content.Spec.VolumeSnapshotRef.Name != snapshot.GetName() || content.Spec.VolumeSnapshotRef.Namespace != snapshot.GetNamespace() {
		t.Errorf("content and snapshot do not bind, or the golden would be deleted: %+v, %+v", content.Spec, snapshot.Spec)
	}
}
