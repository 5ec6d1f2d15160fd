// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// class is what the cases below run under.
const class = `
metadata: {name: standard}
spec:
  domain: preview.example.com
  gateway: {kind: HTTPRoute, scheme: https, parentRef: {namespace: gateway-system, name: preview}}
  auth: {mode: None}
  lifecycle: {ttl: 4h, maxTTL: 72h, closeGrace: 30m}
  storage: {goldens: {uploads: {driver: csi.example.com, handle: snap-1, size: 5Gi}}}
  egress: {allowedCIDRs: [203.0.113.0/24]}
  secrets: {stores: [vault]}
`

// source is the source of every claim below.
const source = `
source: {repository: acme/shop, pullRequest: 402, revision: 9f1c2ab7d1e04c55a0b3f6e7c8d9a0b1c2d3e4f5, branch: feat/cart, author: octocat}
`

func read[T any](t *testing.T, text string) T {
	t.Helper()
	var into T
	if err := yaml.UnmarshalStrict([]byte(text), &into); err != nil {
		t.Fatalf("cannot read the case: %v\n%s", err, text)
	}
	return into
}

func input(t *testing.T, spec string) Input {
	t.Helper()
	return Input{
		Identity: names.Identity{ClaimNamespace: "team-shop", ClaimName: "shop-pr-402"},
		Spec:     read[v1alpha1.PreviewStackSpec](t, source+spec),
		Class:    read[v1alpha1.PreviewClass](t, class),
	}
}

// TestProblems has one case for each way that a person would plausibly get a
// claim wrong and that the API server cannot see.
func TestProblems(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   string
		class  string
		want   string
	}{
		"NoServices":          {reason: "a stack of nothing", spec: `services: {}`},
		"NoImage":             {reason: "neither claim nor blueprint names an image", spec: `services: {web: {}}`},
		"BadImage":            {reason: "upper case is no image", spec: `services: {web: {image: "R.example.com/Shop/Web:main"}}`},
		"SecretInImage":       {reason: "an image name cannot be secret", spec: `{services: {web: {image: "r/x:${secrets.s.k}"}}, secrets: {s: {generate: {}}}}`},
		"UnknownVariable":     {reason: "a typing error in a variable", spec: `{services: {web: {image: r/x, env: {PAY: "${mocks.pai.url}"}}}, mocks: {pay: {}}}`},
		"UnknownFamily":       {reason: "a variable of another tool", spec: `services: {web: {image: r/x, env: {HOME_DIR: "${HOME}"}}}`},
		"OpenVariable":        {reason: "a brace is missing", spec: `services: {web: {image: r/x, args: ["--url=${services.web.url"]}}`},
		"PublicURLUnexposed":  {reason: "only exposed services have one", spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, env: {SELF: "${services.web.publicURL}"}}}`},
		"SecretInFile":        {reason: "a file is kept in a ConfigMap", spec: `{services: {web: {image: r/x, files: {/etc/x: {content: "p=${databases.db.password}"}}}}, databases: {db: {goldenRef: {name: shop}}}}`},
		"MissingConfigMap":    {reason: "the ConfigMap is not beside the claim", spec: `services: {web: {image: r/x, files: {/etc/x: {configMapRef: {name: conf}}}}}`},
		"UnknownEnvFrom":      {reason: "envFrom names secrets of the stack", spec: `services: {web: {image: r/x, envFrom: {stripe: {}}}}`},
		"UnknownVolume":       {reason: "a mount of a volume that is not declared", spec: `services: {web: {image: r/x, volumes: {/data: {source: uploads}}}}`},
		"SubPathOut":          {reason: "a sub path must stay within the volume", spec: `{services: {web: {image: r/x, volumes: {/data: {source: d, subPath: ../x}}}}, volumes: {d: {size: 1Gi}}}`},
		"VolumeOverFile":      {reason: "a volume hides a file", spec: `{services: {web: {image: r/x, files: {/data: {content: a}}, volumes: {/data: {source: d}}}}, volumes: {d: {size: 1Gi}}}`},
		"RequestOverLimit":    {reason: "the API server would refuse each pod", spec: `services: {web: {image: r/x, resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}}`},
		"ZeroLimit":           {reason: "zero means no limit to Kubernetes", spec: `services: {web: {image: r/x, resources: {limits: {cpu: "0"}}}}`},
		"SamePortTwice":       {reason: "two names for one number", spec: `services: {web: {image: r/x, ports: {a: {port: 80}, b: {port: 80}}}}`},
		"CheckUnknownPort":    {reason: "a check of a port that is not there", spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, healthcheck: {http: {port: web}}}}`},
		"CheckWithoutPorts":   {reason: "a worker has nothing to ask", spec: `services: {web: {image: r/x, healthcheck: {tcp: {}}}}`},
		"ReplicasOnRWO":       {reason: "one node at a time holds the volume", spec: `{services: {web: {image: r/x, replicas: 2, volumes: {/d: {source: d}}}}, volumes: {d: {size: 1Gi}}}`},
		"ExposeWithoutPorts":  {reason: "a worker has no URL", spec: `services: {web: {image: r/x, expose: {}}}`},
		"ExposeTCP":           {reason: "a gateway serves HTTP and gRPC", spec: `services: {web: {image: r/x, ports: {db: {port: 5432, protocol: TCP}}, expose: {}}}`},
		"ExposeAmbiguous":     {reason: "two ports, none named http", spec: `services: {web: {image: r/x, ports: {a: {port: 80}, b: {port: 81}}, expose: {}}}`},
		"ExposeUnknownPort":   {reason: "a port that is not there", spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, expose: {port: web}}}`},
		"DuplicateHost":       {reason: "two services on one host and path", spec: `services: {a: {image: r/x, ports: {http: {port: 80}}, expose: {host: web}}, b: {image: r/x, ports: {http: {port: 80}}, expose: {host: web}}}`},
		"TwoPrimaries":        {reason: "one URL is the stack's own", spec: `services: {a: {image: r/x, ports: {http: {port: 80}}, expose: {primary: true}}, b: {image: r/x, ports: {http: {port: 80}}, expose: {primary: true}}}`},
		"AuthMixed":           {reason: "one host, one auth", spec: `services: {a: {image: r/x, ports: {http: {port: 80}}, expose: {host: web}}, b: {image: r/x, ports: {http: {port: 80}}, expose: {host: web, paths: [/b], auth: OIDC}}}`},
		"OIDCUnconfigured":    {reason: "OIDC that nothing enforces must not open the URL", class: `{spec: {auth: {mode: OIDC}}}`, spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, expose: {}}}`},
		"OIDCOnIngress":       {reason: "an Ingress cannot refer to a filter", class: `{spec: {gateway: {kind: Ingress, ingressClassName: nginx, namespace: x}, auth: {mode: OIDC, oidc: {extensionRef: {group: g, kind: k, name: n}}}}}`, spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, expose: {}}}`},
		"RemoteDatabase":      {reason: "the Secret would be in the wrong cluster", class: `{spec: {target: {mode: Objects, providerConfigRef: {name: far}}}}`, spec: `{services: {web: {image: r/x}}, databases: {db: {goldenRef: {name: shop}}}}`},
		"RemoteSecret":        {reason: "the Secret would be in the wrong cluster", class: `{spec: {target: {mode: Objects, providerConfigRef: {name: far}}}}`, spec: `{services: {web: {image: r/x}}, secrets: {s: {generate: {}}}}`},
		"HugeFiles":           {reason: "a ConfigMap has an end", spec: `services: {web: {image: r/x, files: {/a: {content: "` + strings.Repeat("x", 1000001) + `"}}}}`},
		"NoneNotAllowed":      {reason: "a claim cannot open what the class closes", class: `{spec: {auth: {mode: OIDC, oidc: {annotations: {a: b}}}}}`, spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, expose: {auth: None}}}`},
		"NoGateway":           {reason: "a class without a gateway", class: `{spec: {gateway: null}}`, spec: `services: {web: {image: r/x, ports: {http: {port: 80}}, expose: {}}}`},
		"DependsUnknown":      {reason: "a typing error in dependsOn", spec: `services: {web: {image: r/x, dependsOn: {dbb: {}}}, db: {image: r/x}}`},
		"DependsCycle":        {reason: "a circle would wait for ever", spec: `services: {a: {image: r/x, dependsOn: {b: {}}}, b: {image: r/x, dependsOn: {c: {}}}, c: {image: r/x, dependsOn: {a: {}}}}`},
		"DependsSelf":         {reason: "the shortest circle", spec: `services: {a: {image: r/x, dependsOn: {a: {}}}}`},
		"ServiceCompleted":    {reason: "a service is never completed", spec: `services: {a: {image: r/x, dependsOn: {b: {condition: Completed}}}, b: {image: r/x}}`},
		"JobReady":            {reason: "a job is never ready", spec: `{services: {a: {image: r/x, dependsOn: {m: {condition: Ready}}}}, jobs: {m: {image: r/x}}}`},
		"DependsOnSchedule":   {reason: "a scheduled job is never done", spec: `{services: {a: {image: r/x, dependsOn: {m: {}}}}, jobs: {m: {image: r/x, schedule: "@daily"}}}`},
		"DependsOnPostDeploy": {reason: "it runs after the one who waits", spec: `{services: {a: {image: r/x, dependsOn: {m: {}}}}, jobs: {m: {image: r/x, phase: PostDeploy}}}`},
		"SameNameTwice":       {reason: "dependsOn could not tell them apart", spec: `{services: {db: {image: r/x}}, databases: {db: {goldenRef: {name: shop}}}}`},
		"BadSchedule":         {reason: "five fields, but not cron's", spec: `{services: {a: {image: r/x}}, jobs: {m: {image: r/x, schedule: "61 * * * *"}}}`},
		"NoGolden":            {reason: "a branch of nothing", spec: `{services: {a: {image: r/x}}, databases: {db: {}}}`},
		"StoreNotAllowed":     {reason: "the class names the stores", spec: `{services: {a: {image: r/x}}, secrets: {s: {storeRef: {name: prod-vault}, path: x}}}`},
		"VolumeWithoutSize":   {reason: "an empty volume needs one", spec: `{services: {a: {image: r/x}}, volumes: {d: {}}}`},
		"UnknownGolden":       {reason: "the class offers the snapshots", spec: `{services: {a: {image: r/x}}, volumes: {d: {from: {golden: prod}}}}`},
		"SmallerThanGolden":   {reason: "a volume cannot be smaller than its snapshot", spec: `{services: {a: {image: r/x}}, volumes: {d: {size: 1Gi, from: {golden: uploads}}}}`},
		"CloneOfItself":       {reason: "the shortest circle of clones", spec: `{services: {a: {image: r/x}}, volumes: {d: {size: 1Gi, from: {volume: d}}}}`},
		"CloneOfUnknown":      {reason: "clones stay within the stack", spec: `{services: {a: {image: r/x}}, volumes: {d: {size: 1Gi, from: {volume: e}}}}`},
		"WireMockPath":        {reason: "WireMock would not see the file", spec: `{services: {a: {image: r/x}}, mocks: {pay: {files: {pay.json: "{}"}}}}`},
		"HoverflyNothing":     {reason: "Hoverfly without a simulation answers nothing", spec: `{services: {a: {image: r/x}}, mocks: {pay: {engine: Hoverfly}}}`},
		"OpenAPINothing":      {reason: "Prism without a document does not start", spec: `{services: {a: {image: r/x}}, mocks: {pay: {engine: OpenAPI, files: {api.yaml: "x"}}}}`},
		"EgressHost":          {reason: "a NetworkPolicy cannot say a host", spec: `{services: {a: {image: r/x}}, egress: {stripe: {host: api.stripe.com, ports: [443]}}}`},
		"EgressOutside":       {reason: "the class bounds the ranges", spec: `{services: {a: {image: r/x}}, egress: {all: {cidr: 0.0.0.0/0, ports: [443]}}}`},
		"TTLTooLong":          {reason: "the class bounds the life", spec: `{services: {a: {image: r/x}}, lifecycle: {ttl: 400h}}`},
		"TTLNever":            {reason: "only where the class allows it", spec: `{services: {a: {image: r/x}}, lifecycle: {ttl: Never}}`},
		"TTLZero":             {reason: "it would expire at once", spec: `{services: {a: {image: r/x}}, lifecycle: {ttl: 0h}}`},
		"TooMuchCPU":          {reason: "the quota would refuse pods half-way", spec: `services: {a: {image: r/x, replicas: 10, resources: {limits: {cpu: "1"}}}}`},
		"TooMuchStorage":      {reason: "the quota would refuse the volume", spec: `{services: {a: {image: r/x}}, volumes: {d: {size: 1Ti}}}`},
		"WrongNamespace":      {reason: "the class says whose it is", class: `{spec: {allowedClaims: {namespaces: ["team-pay*"]}}}`, spec: `services: {a: {image: r/x}}`},
		"WrongRepository":     {reason: "the class says whose it is", class: `{spec: {allowedClaims: {repositories: ["acme/pay"]}}}`, spec: `services: {a: {image: r/x}}`},
	}
	want := read[map[string]string](t, readFile(t, "testdata/problems.yaml"))
	got := map[string]string{}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := input(t, asBlock(t, tc.spec))
			if tc.class != "" {
				in.Class = patched(t, class, tc.class)
			}
			_, problems := Resolve(in)
			if len(problems) == 0 {
				t.Fatalf("%s: Resolve() found no problem", tc.reason)
			}
			got[name] = problems.Error()
			if diff := cmp.Diff(want[name], got[name]); diff != "" && !*update {
				t.Errorf("%s: Resolve(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
	updateFile(t, "testdata/problems.yaml", "# What the owner of a claim reads, for each case of TestProblems.\n", got)
}
