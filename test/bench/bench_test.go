// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// A plain function composes five typed objects for each service and judges
// their readiness: the least that any function built on these packages does. It
// tells what the packages cost, apart from what a real function decides.
type plain struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
}

const perService = 5

func (plain) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	observed, err := wire.Observe(req)
	if err != nil {
		return nil, err
	}
	var spec struct {
		Spec struct {
			Services map[string]struct {
				Image string `json:"image"`
			} `json:"services"`
		} `json:"spec"`
	}
	if err := observed.Composite.Decode(&spec, "spec.services"); err != nil {
		return nil, err
	}
	rsp := xr.Respond(req)
	for name, service := range spec.Spec.Services {
		if err := compose(rsp, observed, name, service.Image); err != nil {
			return nil, err
		}
	}
	return rsp, xr.SetStatus(rsp, observed.Composite, map[string]string{"phase": "Ready"})
}

func compose(rsp *fnv1.RunFunctionResponse, observed *wire.Observed, name, image string) error {
	meta := metav1.ObjectMeta{Name: name, Namespace: "preview-shop", Labels: map[string]string{
		"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "preview-stacks", "microstaging.dev/stack": "shop",
	}}
	deployment, err := available(observed.Get(name + "-deployment"))
	if err != nil {
		return err
	}
	for kind, desire := range map[string]struct {
		object any
		ready  bool
	}{
		"deployment": {makeDeployment(meta, image), deployment},
		"service":    {makeService(meta), observed.Has(name + "-service")},
		"policy":     {makePolicy(meta), observed.Has(name + "-policy")},
		"volume":     {makeVolume(meta), observed.Get(name+"-volume").Get("status", "phase").Text() == "Bound"},
		"route":      {makeRoute(meta), observed.Get(name+"-route").Get("status", "parents").Exists()},
	} {
		if err := desired.Set(rsp, name+"-"+kind, desire.object, desired.ReadyIf(desire.ready)); err != nil {
			return err
		}
	}
	return nil
}

func available(r wire.Resource) (bool, error) {
	d := &appsv1.Deployment{}
	err := r.Decode(d, "status", "metadata.generation")
	return d.Status.AvailableReplicas > 0 && d.Status.ObservedGeneration == d.Generation, err
}

func makeDeployment(meta metav1.ObjectMeta, image string) *appsv1.Deployment {
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("http")}}, PeriodSeconds: 5}
	return &appsv1.Deployment{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}, ObjectMeta: meta,
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To[int32](1), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": meta.Name}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: meta.Labels},
				Spec: corev1.PodSpec{
					AutomountServiceAccountToken: ptr.To(false), ServiceAccountName: "stack",
					SecurityContext: &corev1.PodSecurityContext{RunAsNonRoot: ptr.To(true), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
					Containers: []corev1.Container{{
						Name: "main", Image: image, ReadinessProbe: probe, LivenessProbe: probe,
						Ports:     []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}},
						Env:       []corev1.EnvVar{{Name: "A", Value: "a"}, {Name: "B", Value: "b"}, {Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "db"}, Key: "password"}}}},
						Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("50m"), "memory": resource.MustParse("64Mi")}, Limits: corev1.ResourceList{"memory": resource.MustParse("256Mi")}},
						SecurityContext: &corev1.SecurityContext{
							AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
						},
						VolumeMounts: []corev1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}},
					}},
					Volumes: []corev1.Volume{{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
				},
			},
		},
	}
}

func makeService(meta metav1.ObjectMeta) *corev1.Service {
	return &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: meta,
		Spec: corev1.ServiceSpec{Selector: map[string]string{"app.kubernetes.io/name": meta.Name}, Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromString("http")}}},
	}
}

func makePolicy(meta metav1.ObjectMeta) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"}, ObjectMeta: meta,
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": meta.Name}},
			Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
		},
	}
}

func makeVolume(meta metav1.ObjectMeta) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}, ObjectMeta: meta,
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{"storage": resource.MustParse("1Gi")}},
		},
	}
}

func makeRoute(meta metav1.ObjectMeta) *gatewayv1.HTTPRoute {
	return &gatewayv1.HTTPRoute{
		TypeMeta: metav1.TypeMeta{APIVersion: "gateway.networking.k8s.io/v1", Kind: "HTTPRoute"}, ObjectMeta: meta,
		Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: "preview", Namespace: ptr.To(gatewayv1.Namespace("gateway"))}}},
			Hostnames:       []gatewayv1.Hostname{gatewayv1.Hostname(meta.Name + ".preview.example.com")},
			Rules: []gatewayv1.HTTPRouteRule{{BackendRefs: []gatewayv1.HTTPBackendRef{{BackendRef: gatewayv1.BackendRef{
				BackendObjectReference: gatewayv1.BackendObjectReference{Name: gatewayv1.ObjectName(meta.Name), Port: ptr.To(gatewayv1.PortNumber(80))},
			}}}}},
		},
	}
}

func request(resources int) *fnv1.RunFunctionRequest {
	services := map[string]any{}
	for i := range resources / perService {
		services[fmt.Sprintf("service-%02d", i)] = map[string]any{"image": "r.example.com/shop/service:9f1c2ab"}
	}
	text, err := json.Marshal(map[string]any{
		"apiVersion": "microstaging.dev/v1alpha1", "kind": "XPreviewStack",
		"metadata": map[string]any{"name": "shop-pr-402-00000", "uid": "u", "labels": map[string]any{"crossplane.io/claim-name": "shop"}},
		"spec":     map[string]any{"services": services},
	})
	if err != nil {
		panic(err)
	}
	composite := &structpb.Struct{}
	if err := json.Unmarshal(text, composite); err != nil {
		panic(err)
	}
	return &fnv1.RunFunctionRequest{Meta: &fnv1.RequestMeta{Tag: "t"}, Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: composite}}}
}

func BenchmarkGoals(b *testing.B) {
	Goals(b, Subject{Function: plain{}, Request: request})
}
