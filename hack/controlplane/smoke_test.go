//go:build controlplane

// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
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
	x, err := cp.StartCrossplane(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Crossplane was ready after %s", time.Since(start))
	isNoAdmin(t, cp)
	composes(t, x)
	if err := x.StartProviderKubernetes(t.Context()); err != nil {
		t.Fatal(err)
	}
	appliesObjects(t, cp)
	if err := cp.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	leavesOnlyLogs(t, cp.Dir())
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
	pod := &corev1.Pod{}
	pod.Name, pod.Namespace = "smoke", "smoke"
	pod.Spec.Containers = []corev1.Container{{Name: "main", Image: "r.example.com/nothing:1"}}
	if err := cp.Client.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pod runs", func(ctx context.Context) (bool, error) {
		err := cp.Client.Get(ctx, client.ObjectKeyFromObject(pod), pod)
		return pod.Status.Phase == corev1.PodRunning, err
	})
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
