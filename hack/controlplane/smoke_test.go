// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

//go:build controlplane

package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/hack/process"
)

// TestSmoke starts everything, uses it, and stops it.
func TestSmoke(t *testing.T) {
	start := time.Now()
	cp, err := Start(t.Context(), Options{Nodes: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cp.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Logf("the control plane was ready after %s", time.Since(start))
	runsPods(t, cp)
	failsPods(t, cp)
	x, err := cp.StartCrossplane(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Crossplane was ready after %s", time.Since(start))
	isNoAdmin(t, cp)
	composes(t, x)
	countsCalls(t, x)
	if err := x.StartProviderKubernetes(t.Context()); err != nil {
		t.Fatal(err)
	}
	appliesObjects(t, cp)
	if err := cp.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	leavesOnlyLogs(t, cp.Dir())
}

// TestDetachedInNetworkNamespace starts a control plane the way the local cluster
// does, and removes it as another program would.
func TestDetachedInNetworkNamespace(t *testing.T) {
	netNS := newNetNS(t, "10.77.0.1/32")
	options := Options{
		Dir: filepath.Join(t.TempDir(), "run"), Mode: process.Detached, NetNS: netNS,
		BindAddress: "0.0.0.0", AdvertiseAddress: "10.77.0.1",
	}
	t.Cleanup(func() {
		if err := Remove(context.Background(), options.Dir); err != nil {
			t.Error(err)
		}
	})
	if _, err := Start(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	config, err := RESTConfig(options.Dir, netNS)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := &corev1.Service{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: "kubernetes"}, service); err != nil || service.Spec.ClusterIP != "10.96.0.1" {
		t.Errorf("want to reach the API server from outside its network, with the usual service range: %q, %v", service.Spec.ClusterIP, err)
	}
	if err := Remove(t.Context(), options.Dir); err != nil {
		t.Fatal(err)
	}
	leavesOnlyLogs(t, options.Dir)
}

// newNetNS makes a network namespace with an address, for the test.
func newNetNS(t *testing.T, address string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("making a network namespace needs root")
	}
	name := fmt.Sprintf("controlplane-test-%d", os.Getpid())
	for _, args := range [][]string{
		{"netns", "add", name},
		{"-n", name, "link", "set", "lo", "up"},
		{"-n", name, "address", "add", address, "dev", "lo"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("this machine makes no network namespaces: ip %v: %v: %s", args, err, out)
		}
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "delete", name).CombinedOutput(); err != nil {
			t.Errorf("cannot delete the network namespace: %v: %s", err, out)
		}
	})
	return "/run/netns/" + name
}

// runsPods proves that the API server, the controllers (service accounts), the
// scheduler and the nodes work together.
func runsPods(t *testing.T, cp *ControlPlane) {
	t.Helper()
	if err := cp.EnsureNamespace(t.Context(), "smoke"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace has a service account", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKey{Namespace: "smoke", Name: "default"}, &corev1.ServiceAccount{})
		return err == nil, client.IgnoreNotFound(err)
	})
	pod := createPod(t, cp, "smoke", corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "r.example.com/nothing:1"}}})
	eventually(t, "the pod runs", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
		return pod.Status.Phase == corev1.PodRunning, err
	})
}

// failsPods proves that the images that should fail do, and go on failing.
func failsPods(t *testing.T, cp *ControlPlane) {
	t.Helper()
	cases := map[string]struct {
		reason  string
		image   string
		restart corev1.RestartPolicy
		want    func(corev1.ContainerStatus) bool
	}{
		"missing": {
			reason: "An image that cannot be pulled keeps its container waiting.",
			image:  ImageMissing,
			want: func(s corev1.ContainerStatus) bool {
				return s.State.Waiting != nil && s.State.Waiting.Reason == "ImagePullBackOff"
			},
		},
		"crash": {
			reason: "A container that exits is started again, its last words stay.",
			image:  ImageCrash,
			want: func(s corev1.ContainerStatus) bool {
				return s.State.Waiting != nil && s.LastTerminationState.Terminated != nil && s.LastTerminationState.Terminated.Message == FaultLastWords
			},
		},
		"crash-once": {
			reason:  "A Job's container that exits stays so.",
			image:   ImageCrash,
			restart: corev1.RestartPolicyNever,
			want: func(s corev1.ContainerStatus) bool {
				return s.State.Terminated != nil && s.State.Terminated.ExitCode == 1
			},
		},
		"unready": {
			reason: "A container may run and not be ready.",
			image:  ImageUnready,
			want:   func(s corev1.ContainerStatus) bool { return s.State.Running != nil && !s.Ready },
		},
		"held": {
			reason: "A container may run until a test lets it go.",
			image:  ImageHeld,
			want:   func(s corev1.ContainerStatus) bool { return s.State.Running != nil && s.Ready },
		},
	}
	for name, tc := range cases {
		pod := createPod(t, cp, name, corev1.PodSpec{RestartPolicy: tc.restart, Containers: []corev1.Container{{Name: "main", Image: tc.image}}})
		eventually(t, tc.reason, func(ctx context.Context) (bool, error) {
			err := cp.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
			return len(pod.Status.ContainerStatuses) == 1 && tc.want(pod.Status.ContainerStatuses[0]), err
		})
	}
}

func createPod(t *testing.T, cp *ControlPlane, name string, spec corev1.PodSpec) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{Spec: spec}
	pod.Name, pod.Namespace = name, "smoke"
	if err := cp.Client.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	return pod
}

// isNoAdmin proves that Crossplane runs with its own rights, as on any cluster.
func isNoAdmin(t *testing.T, cp *ControlPlane) {
	t.Helper()
	cases := map[string]struct {
		reason     string
		attributes authorizationv1.ResourceAttributes
		want       bool
	}{
		"OwnKinds": {reason: "Crossplane's chart grants it its own kinds.", attributes: authorizationv1.ResourceAttributes{Verb: "update", Group: "apiextensions.crossplane.io", Resource: "compositions"}, want: true},
		"Others":   {reason: "Rights that nobody granted must be missed in a suite, not at a user's.", attributes: authorizationv1.ResourceAttributes{Verb: "create", Namespace: "smoke", Resource: "pods"}, want: false},
	}
	for name, tc := range cases {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:" + CrossplaneNamespace + ":" + crossplaneAccount,
			Groups:             []string{"system:serviceaccounts", "system:authenticated"},
			ResourceAttributes: &tc.attributes,
		}}
		if err := cp.Client.Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		if review.Status.Allowed != tc.want {
			t.Errorf("%s: %s want %t, got %t", name, tc.reason, tc.want, review.Status.Allowed)
		}
	}
}

// composes proves that Crossplane calls a function that runs outside a pod, and
// applies what it wants.
func composes(t *testing.T, x *Crossplane) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	certs, err := x.InstallFunction(t.Context(), "greeter", "r.example.com/greeter:v1", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	serve(t, listener, certs)
	if err := x.cp.ApplyFiles(t.Context(), "testdata/greeting"); err != nil {
		t.Fatal(err)
	}
	greeting := &unstructured.Unstructured{}
	greeting.SetAPIVersion("test.microstaging.dev/v1")
	greeting.SetKind("Greeting")
	greeting.SetName("hello")
	greeting.Object["spec"] = map[string]any{}
	eventually(t, "composites of the new kind are accepted", func(ctx context.Context) (bool, error) {
		err := x.cp.Client.Create(ctx, greeting)
		return err == nil, ignoreNoMatch(err)
	})
	eventually(t, "what the function composed exists", func(ctx context.Context) (bool, error) {
		err := x.cp.Client.Get(ctx, client.ObjectKey{Namespace: "smoke", Name: "hello"}, &corev1.ConfigMap{})
		return err == nil, client.IgnoreNotFound(err)
	})
}

// countsCalls proves that the core's metrics are served, under the names we use.
func countsCalls(t *testing.T, x *Crossplane) {
	t.Helper()
	calls, err := x.Counter(t.Context(), FunctionCalls)
	if err != nil || calls == 0 {
		t.Errorf("the calls of the function must be counted: %v, %v", calls, err)
	}
	opens, err := x.Counter(t.Context(), CircuitBreakerOpens)
	if err != nil || opens != 0 {
		t.Errorf("one quiet composite must not open the circuit breaker: %v, %v", opens, err)
	}
}

// appliesObjects proves that provider-kubernetes applies an Object.
func appliesObjects(t *testing.T, cp *ControlPlane) {
	t.Helper()
	if err := cp.ApplyFiles(t.Context(), "testdata/object.yaml"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what the Object holds exists", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKey{Namespace: "smoke", Name: "remote"}, &corev1.ConfigMap{})
		return err == nil, client.IgnoreNotFound(err)
	})
	older := &unstructured.Unstructured{}
	older.SetAPIVersion("kubernetes.crossplane.io/v1alpha1")
	older.SetKind("Object")
	if err := cp.Client.Get(t.Context(), client.ObjectKey{Name: "remote"}, older); err != nil {
		t.Errorf("the conversion webhook must answer: %v", err)
	}
}

func ignoreNoMatch(err error) error {
	if meta.IsNoMatchError(err) {
		return nil
	}
	return client.IgnoreNotFound(err)
}

// serve runs the greeter until the test ends.
func serve(t *testing.T, listener net.Listener, certs string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(certs, "tls.crt"), filepath.Join(certs, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(certs, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots, MinVersion: tls.VersionTLS13,
	})))
	fnv1.RegisterFunctionRunnerServiceServer(server, greeter{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
}

// A greeter composes a ConfigMap.
type greeter struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
}

// RunFunction answers every request with the same desired state.
func (greeter) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	greeting, err := structpb.NewStruct(map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "smoke", "name": "hello"},
	})
	return &fnv1.RunFunctionResponse{
		Meta:    &fnv1.ResponseMeta{Tag: req.GetMeta().GetTag(), Ttl: durationpb.New(time.Minute)},
		Desired: &fnv1.State{Resources: map[string]*fnv1.Resource{"greeting": {Resource: greeting, Ready: fnv1.Ready_READY_TRUE}}},
	}, err
}

func leavesOnlyLogs(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if diff := cmp.Diff([]string{"log"}, left); diff != "" {
		t.Errorf("only logs may be left: %s", diff)
	}
	if running, err := process.Running(dir); len(running) > 0 || err != nil {
		t.Errorf("no process may be left: %v, %v", running, err)
	}
}

func eventually(t *testing.T, what string, condition wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), settleInterval, settleTimeout, true, condition); err != nil {
		t.Fatalf("it never came true that %s: %v", what, err)
	}
}
