// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package desired

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// asJSON is the reference: encoding/json, minus the noise at the places where
// the objects below have it. It is written in terms of JSON paths, not Go
// types, so that it does not repeat the code it checks.
func asJSON(t *testing.T, obj any) map[string]any {
	t.Helper()
	text, err := json.Marshal(obj)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	delete(out, "status")
	for _, path := range []string{
		"metadata", "spec.strategy", "spec.updateStrategy", "spec.resources", "spec.template.metadata",
		"spec.jobTemplate.metadata", "spec.jobTemplate.spec.template.metadata",
		"spec.template.spec.containers.resources", "spec.template.spec.initContainers.resources",
		"spec.jobTemplate.spec.template.spec.containers.resources", "spec.containers.resources",
		"spec.jobTemplate.spec.template.spec.initContainers.resources", "spec.initContainers.resources",
		"spec.volumeClaimTemplates.status", "spec.volumeClaimTemplates.spec.resources",
		"spec.template.spec.volumes.ephemeral.volumeClaimTemplate.metadata",
		"spec.template.spec.volumes.ephemeral.volumeClaimTemplate.spec.resources",
	} {
		prune(out, strings.Split(path, "."))
	}
	if out["kind"] == "Namespace" {
		prune(out, []string{"spec"})
	}
	return out
}

// prune deletes the member at the path if it is {}, in every element of lists.
func prune(v any, path []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			prune(e, path)
		}
	case map[string]any:
		if len(path) > 1 {
			prune(v[path[0]], path[1:])
			return
		}
		if m, ok := v[path[0]].(map[string]any); ok && len(m) == 0 {
			delete(v, path[0])
		}
	}
}

func typeMeta(apiVersion, kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}
}

func named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: map[string]string{"app.kubernetes.io/name": name, "empty": ""}}
}

func podTemplate() corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{
			AutomountServiceAccountToken:  ptr.To(false),
			TerminationGracePeriodSeconds: ptr.To[int64](0),
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: ptr.To(true), FSGroup: ptr.To[int64](10001),
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			InitContainers: []corev1.Container{{Name: "wait", Image: "r.example.com/wait:1"}},
			Containers: []corev1.Container{{
				Name: "web", Image: "r.example.com/web:1",
				Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080, Protocol: corev1.ProtocolTCP}},
				Env: []corev1.EnvVar{
					{Name: "EMPTY"},
					{Name: "URL", Value: "http://$(HOST)/<>&\u2028"},
					{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
						LocalObjectReference: corev1.LocalObjectReference{Name: "db"}, Key: "password", Optional: ptr.To(false),
					}}},
				},
				EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "all"}}}},
				Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
					Limits:   corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(1<<29, resource.BinarySI)},
				},
				ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromString("http")}}},
				StartupProbe:   &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(8080)}}, PeriodSeconds: 2},
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true),
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
				VolumeMounts: []corev1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}},
			}},
			Volumes: []corev1.Volume{
				{Name: "tmp", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
				{Name: "shm", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory, SizeLimit: ptr.To(resource.MustParse("64Mi"))}}},
				{Name: "files", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "f"}, DefaultMode: ptr.To[int32](0o444)}}},
				{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data"}}},
			},
		},
	}
}

// objects are what preview stacks are made of, and what blueprints may add.
func objects() map[string]any {
	all := map[string]any{}
	for _, m := range []map[string]any{coreObjects(), workloads(), networking(), access(), storage(), others()} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

func coreObjects() map[string]any {
	return map[string]any{
		"Namespace":          &corev1.Namespace{TypeMeta: typeMeta("v1", "Namespace"), ObjectMeta: metav1.ObjectMeta{Name: "shop"}},
		"NamespaceFinalizer": &corev1.Namespace{TypeMeta: typeMeta("v1", "Namespace"), Spec: corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{"x"}}},
		"ServiceAccount":     &corev1.ServiceAccount{TypeMeta: typeMeta("v1", "ServiceAccount"), ObjectMeta: named("web"), AutomountServiceAccountToken: ptr.To(false)},
		"ConfigMap":          &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: named("files"), Data: map[string]string{"a.json": `{"a": 1}`}, BinaryData: map[string][]byte{"b": {0, 255}}},
		"ConfigMapEmpty":     &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: named("none"), Immutable: ptr.To(false)},
		"Secret":             &corev1.Secret{TypeMeta: typeMeta("v1", "Secret"), ObjectMeta: named("s"), Data: map[string][]byte{"nil": nil, "empty": {}, "key": []byte("s3cret")}, Type: corev1.SecretTypeOpaque},
		"SecretStringData":   &corev1.Secret{TypeMeta: typeMeta("v1", "Secret"), StringData: map[string]string{"a": "b"}},
		"ResourceQuota": &corev1.ResourceQuota{TypeMeta: typeMeta("v1", "ResourceQuota"), ObjectMeta: named("q"), Spec: corev1.ResourceQuotaSpec{
			Hard: corev1.ResourceList{"limits.cpu": resource.MustParse("4"), "pods": resource.MustParse("20"), "requests.storage": resource.MustParse("0.5Gi")},
		}},
		"ResourceQuotaEmpty": &corev1.ResourceQuota{TypeMeta: typeMeta("v1", "ResourceQuota"), Spec: corev1.ResourceQuotaSpec{Scopes: []corev1.ResourceQuotaScope{"BestEffort"}}},
		"LimitRange": &corev1.LimitRange{TypeMeta: typeMeta("v1", "LimitRange"), ObjectMeta: named("l"), Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, Default: corev1.ResourceList{"cpu": resource.MustParse("1500m")}, DefaultRequest: corev1.ResourceList{"memory": resource.MustParse("1e3")},
		}}}},
		"LimitRangeNil": &corev1.LimitRange{TypeMeta: typeMeta("v1", "LimitRange"), ObjectMeta: named("l")},
		"Service": &corev1.Service{TypeMeta: typeMeta("v1", "Service"), ObjectMeta: named("web"), Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "web"}, Ports: []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromString("http"), AppProtocol: ptr.To("kubernetes.io/ws")}, {Name: "n", Port: 81}},
		}},
		"ServiceHeadless":  &corev1.Service{TypeMeta: typeMeta("v1", "Service"), Spec: corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone, PublishNotReadyAddresses: true}},
		"Pod":              &corev1.Pod{TypeMeta: typeMeta("v1", "Pod"), ObjectMeta: named("p"), Spec: podTemplate().Spec},
		"Event":            &corev1.Event{TypeMeta: typeMeta("v1", "Event"), ObjectMeta: named("e"), EventTime: metav1.NewMicroTime(time.Unix(1700000000, 123456000)), FirstTimestamp: metav1.Unix(1700000000, 0)},
		"ObjectMetaFull":   &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), ObjectMeta: fullMeta()},
		"StrangeStrings":   &corev1.ConfigMap{TypeMeta: typeMeta("v1", "ConfigMap"), Data: map[string]string{"bad": "a\xff\xfeb", "ctl": "\x00\x1f\u2029\"\\", "emoji": "🛒"}},
		"EndpointsNilList": &corev1.ReplicationController{TypeMeta: typeMeta("v1", "ReplicationController"), Spec: corev1.ReplicationControllerSpec{Replicas: ptr.To[int32](0)}},
	}
}

func fullMeta() metav1.ObjectMeta {
	at := metav1.NewTime(time.Date(2026, 2, 3, 4, 5, 6, 789, time.FixedZone("x", 3600)))
	return metav1.ObjectMeta{
		Name: "m", GenerateName: "m-", UID: "u", ResourceVersion: "7", Generation: 3,
		CreationTimestamp: at, DeletionTimestamp: &at, DeletionGracePeriodSeconds: ptr.To[int64](0),
		Annotations: map[string]string{}, Finalizers: []string{"f"},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "X", Name: "x", UID: "y", Controller: ptr.To(true)}},
		ManagedFields:   []metav1.ManagedFieldsEntry{{Manager: "m", FieldsType: "FieldsV1", Time: &at, FieldsV1: &metav1.FieldsV1{Raw: []byte(`{"f:data":{".":{}}}`)}}},
	}
}

func workloads() map[string]any {
	job := batchv1.JobSpec{BackoffLimit: ptr.To[int32](0), ActiveDeadlineSeconds: ptr.To[int64](600), Template: podTemplate()}
	return map[string]any{
		"Deployment": &appsv1.Deployment{TypeMeta: typeMeta("apps/v1", "Deployment"), ObjectMeta: named("web"), Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To[int32](0), Paused: true, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}, Template: podTemplate(),
		}},
		"DeploymentStrategy": &appsv1.Deployment{TypeMeta: typeMeta("apps/v1", "Deployment"), Spec: appsv1.DeploymentSpec{
			Strategy: appsv1.DeploymentStrategy{Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: ptr.To(intstr.FromString("25%")), MaxUnavailable: ptr.To(intstr.FromInt32(0))}},
		}},
		"DeploymentZero": &appsv1.Deployment{TypeMeta: typeMeta("apps/v1", "Deployment")},
		"StatefulSet": &appsv1.StatefulSet{TypeMeta: typeMeta("apps/v1", "StatefulSet"), ObjectMeta: named("db"), Spec: appsv1.StatefulSetSpec{
			Template: podTemplate(), VolumeClaimTemplates: []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "d"}}},
		}},
		"DaemonSet": &appsv1.DaemonSet{TypeMeta: typeMeta("apps/v1", "DaemonSet"), ObjectMeta: named("ds"), Spec: appsv1.DaemonSetSpec{Template: podTemplate()}},
		"Job":       &batchv1.Job{TypeMeta: typeMeta("batch/v1", "Job"), ObjectMeta: named("migrate"), Spec: job},
		"JobZero":   &batchv1.Job{TypeMeta: typeMeta("batch/v1", "Job")},
		"CronJob": &batchv1.CronJob{TypeMeta: typeMeta("batch/v1", "CronJob"), ObjectMeta: named("digest"), Spec: batchv1.CronJobSpec{
			Schedule: "*/15 * * * *", ConcurrencyPolicy: batchv1.ForbidConcurrent, Suspend: ptr.To(false), JobTemplate: batchv1.JobTemplateSpec{Spec: job},
		}},
		"HorizontalPodAutoscaler": &autoscalingv2.HorizontalPodAutoscaler{TypeMeta: typeMeta("autoscaling/v2", "HorizontalPodAutoscaler"), Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			MaxReplicas: 3, Metrics: []autoscalingv2.MetricSpec{{Type: "Resource", Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu", Target: autoscalingv2.MetricTarget{AverageValue: ptr.To(resource.MustParse("1"))}}}},
		}},
		"PodDisruptionBudget": &policyv1.PodDisruptionBudget{TypeMeta: typeMeta("policy/v1", "PodDisruptionBudget"), Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: ptr.To(intstr.FromString("50%"))}},
		"EphemeralVolume": &appsv1.Deployment{TypeMeta: typeMeta("apps/v1", "Deployment"), Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			Volumes: []corev1.Volume{{Name: "e", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{}}}}},
		}}}},
	}
}

func networking() map[string]any {
	all := networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}}
	udp := corev1.ProtocolUDP
	return map[string]any{
		"NetworkPolicyDeny": &networkingv1.NetworkPolicy{TypeMeta: typeMeta("networking.k8s.io/v1", "NetworkPolicy"), ObjectMeta: named("deny"), Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{}, PolicyTypes: []networkingv1.PolicyType{"Ingress", "Egress"},
		}},
		"NetworkPolicyWithin": &networkingv1.NetworkPolicy{TypeMeta: typeMeta("networking.k8s.io/v1", "NetworkPolicy"), Spec: networkingv1.NetworkPolicySpec{
			Ingress: []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{all}}, {}},
			Egress:  []networkingv1.NetworkPolicyEgressRule{{To: []networkingv1.NetworkPolicyPeer{{NamespaceSelector: &metav1.LabelSelector{}, PodSelector: &metav1.LabelSelector{}}}, Ports: []networkingv1.NetworkPolicyPort{{Protocol: &udp, Port: ptr.To(intstr.FromInt32(53))}}}},
		}},
		"NetworkPolicyCIDR": &networkingv1.NetworkPolicy{TypeMeta: typeMeta("networking.k8s.io/v1", "NetworkPolicy"), Spec: networkingv1.NetworkPolicySpec{
			Egress: []networkingv1.NetworkPolicyEgressRule{{To: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: "203.0.113.0/24", Except: []string{}}}}}},
		}},
		"Ingress": &networkingv1.Ingress{TypeMeta: typeMeta("networking.k8s.io/v1", "Ingress"), ObjectMeta: named("web"), Spec: networkingv1.IngressSpec{
			Rules: []networkingv1.IngressRule{{Host: "web.example.com", IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{
				Path: "/", PathType: ptr.To(networkingv1.PathTypePrefix), Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "web", Port: networkingv1.ServiceBackendPort{Number: 80}}},
			}}}}}},
		}},
		"HTTPRoute": &gatewayv1.HTTPRoute{TypeMeta: typeMeta("gateway.networking.k8s.io/v1", "HTTPRoute"), ObjectMeta: named("web"), Spec: gatewayv1.HTTPRouteSpec{
			CommonRouteSpec: gatewayv1.CommonRouteSpec{ParentRefs: []gatewayv1.ParentReference{{Name: "gw", Namespace: ptr.To(gatewayv1.Namespace("gateway"))}}},
			Hostnames:       []gatewayv1.Hostname{"web.example.com"},
			Rules: []gatewayv1.HTTPRouteRule{{
				Matches:     []gatewayv1.HTTPRouteMatch{{Path: &gatewayv1.HTTPPathMatch{Value: ptr.To("/")}}},
				BackendRefs: []gatewayv1.HTTPBackendRef{{BackendRef: gatewayv1.BackendRef{BackendObjectReference: gatewayv1.BackendObjectReference{Name: "web", Port: ptr.To(gatewayv1.PortNumber(80))}}}},
			}},
		}},
		"GRPCRoute": &gatewayv1.GRPCRoute{TypeMeta: typeMeta("gateway.networking.k8s.io/v1", "GRPCRoute"), Spec: gatewayv1.GRPCRouteSpec{Rules: []gatewayv1.GRPCRouteRule{{}}}},
	}
}

func access() map[string]any {
	return map[string]any{
		"RoleBinding": &rbacv1.RoleBinding{TypeMeta: typeMeta("rbac.authorization.k8s.io/v1", "RoleBinding"), ObjectMeta: named("team"),
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "viewer"}, Subjects: []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "team-shop"}}},
		"Role": &rbacv1.Role{TypeMeta: typeMeta("rbac.authorization.k8s.io/v1", "Role"), ObjectMeta: named("none")},
		"ClusterRole": &rbacv1.ClusterRole{TypeMeta: typeMeta("rbac.authorization.k8s.io/v1", "ClusterRole"),
			AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{}}}},
	}
}

func storage() map[string]any {
	mode := corev1.PersistentVolumeFilesystem
	return map[string]any{
		"PersistentVolumeClaim": &corev1.PersistentVolumeClaim{TypeMeta: typeMeta("v1", "PersistentVolumeClaim"), ObjectMeta: named("uploads"), Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{"ReadWriteOnce"}, StorageClassName: ptr.To(""), VolumeMode: &mode,
			Resources:  corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{"storage": resource.MustParse("5Gi")}},
			DataSource: &corev1.TypedLocalObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: "golden"},
		}},
		"PersistentVolumeClaimZero": &corev1.PersistentVolumeClaim{TypeMeta: typeMeta("v1", "PersistentVolumeClaim")},
		"PersistentVolume": &corev1.PersistentVolume{TypeMeta: typeMeta("v1", "PersistentVolume"), Spec: corev1.PersistentVolumeSpec{
			Capacity: corev1.ResourceList{"storage": resource.MustParse("1Ti")}, PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "d", VolumeHandle: "h"}},
		}},
	}
}

// A lease stands for the kinds without Go types: a local struct with JSON tags.
type lease struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              leaseSpec      `json:"spec"`
	Status            map[string]int `json:"status"`
}

type leaseSpec struct {
	*shared    `json:",inline"`
	TTL        metav1.Duration       `json:"ttl,omitzero"`
	Until      metav1.Time           `json:"until,omitzero"`
	Since      *metav1.Time          `json:"since,omitempty"`
	Weight     float64               `json:"weight"`
	Count      int64                 `json:"count,string"`
	Raw        runtime.RawExtension  `json:"raw"`
	Any        any                   `json:"any"`
	ByNumber   map[int]string        `json:"byNumber,omitempty"`
	Pair       [2]string             `json:"pair"`
	Nested     *leaseSpec            `json:"nested,omitempty"`
	Elements   map[string]*leaseSpec `json:"elements,omitempty"`
	Hidden     string                `json:"-"`
	Untagged   uint8
	unexported int
}

type shared struct {
	Name string `json:"name,omitempty"`
	TTL  string `json:"ttl"` // Hidden by the shallower member.
}

func others() map[string]any {
	return map[string]any{
		"LocalStruct": &lease{TypeMeta: typeMeta("lifecycle.example.org/v1", "Lease"), ObjectMeta: named("l"), Spec: leaseSpec{
			shared: &shared{Name: "s"}, TTL: metav1.Duration{Duration: 90 * time.Minute}, Weight: 0.1, Count: 1 << 60,
			Raw: runtime.RawExtension{Raw: []byte(`{"a":[1,null,{"b":{}}]}`)}, Any: map[string]any{"x": []any{int64(1), 2.5, true, nil, "s", map[string]string{}}},
			ByNumber: map[int]string{3: "c"}, Pair: [2]string{"a", ""}, Untagged: 7, Hidden: "h", unexported: 1,
			Nested: &leaseSpec{Raw: runtime.RawExtension{}}, Elements: map[string]*leaseSpec{"nil": nil, "e": {Weight: 1e21}},
		}, Status: map[string]int{"gone": 1}},
		"LocalStructZero": &lease{TypeMeta: typeMeta("lifecycle.example.org/v1", "Lease")},
	}
}

func TestEncodeIsJSONWithoutNoise(t *testing.T) {
	for name, obj := range objects() {
		t.Run(name, func(t *testing.T) {
			got, err := Encode(obj, schema.GroupVersionKind{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asJSON(t, obj), got.AsMap()); diff != "" {
				t.Errorf("Encode(%T): -encoding/json, +got:\n%s", obj, diff)
			}
		})
	}
}

func TestEncodeKeepsEmptyStatements(t *testing.T) {
	cases := map[string]struct {
		reason string
		obj    any
		path   []string
	}{
		"EmptyDir": {
			reason: "emptyDir: {} is what makes the volume one.",
			obj:    &corev1.Volume{VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
			path:   []string{"emptyDir"},
		},
		"PodSelector": {
			reason: "podSelector: {} means every pod of the namespace; a peer without it is refused.",
			obj:    &networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}},
			path:   []string{"podSelector"},
		},
		"PointerToResources": {
			reason: "Only what is embedded by value is noise: a pointer was set by somebody.",
			obj:    &corev1.PodSpec{Resources: &corev1.ResourceRequirements{}},
			path:   []string{"resources"},
		},
		"FalsePointer": {
			reason: "A pointer to false is a statement.",
			obj:    &corev1.PodSpec{AutomountServiceAccountToken: ptr.To(false)},
			path:   []string{"automountServiceAccountToken"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Value(tc.obj)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range tc.path {
				got = got.GetStructValue().GetFields()[p]
			}
			if got == nil {
				t.Errorf("%s\nValue(...): %v is missing", tc.reason, tc.path)
			}
		})
	}
}

// A resource within another one is applied like any other, and so must be free
// of noise too.
func TestEncodeWrapped(t *testing.T) {
	type manifest struct {
		Manifest runtime.Object `json:"manifest"`
		None     runtime.Object `json:"none"`
	}
	got, err := Value(&manifest{Manifest: &corev1.Namespace{TypeMeta: typeMeta("v1", "Namespace"), ObjectMeta: metav1.ObjectMeta{Name: "shop"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"manifest": map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}}, "none": nil}
	if diff := cmp.Diff(want, got.AsInterface()); diff != "" {
		t.Errorf("Value(...): -want, +got:\n%s", diff)
	}
	if _, err := Value(&manifest{Manifest: &corev1.Namespace{}}); err == nil {
		t.Error("Value(...): a wrapped resource without kind must be refused")
	}
}

func TestEncodeIdentity(t *testing.T) {
	type want struct {
		apiVersion, kind string
		err              bool
	}
	cases := map[string]struct {
		reason string
		obj    any
		gvk    schema.GroupVersionKind
		want   want
	}{
		"FromArgument": {
			reason: "The given kind is written even if the object has no TypeMeta.",
			obj:    &appsv1.Deployment{},
			gvk:    appsv1.SchemeGroupVersion.WithKind("Deployment"),
			want:   want{apiVersion: "apps/v1", kind: "Deployment"},
		},
		"FromObject": {
			reason: "A zero kind keeps the TypeMeta.",
			obj:    &corev1.Secret{TypeMeta: typeMeta("v1", "Secret")},
			want:   want{apiVersion: "v1", kind: "Secret"},
		},
		"FromUnstructured": {
			reason: "Unstructured objects name their kind within.",
			obj:    &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod", "status": map[string]any{}}},
			want:   want{apiVersion: "v1", kind: "Pod"},
		},
		"Missing": {
			reason: "Without a kind the error comes here, where the object is known.",
			obj:    &appsv1.Deployment{},
			want:   want{err: true},
		},
		"NotAPointer": {
			reason: "A struct by value cannot be read with all its methods.",
			obj:    appsv1.Deployment{},
			want:   want{err: true},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Encode(tc.obj, tc.gvk)
			if (err != nil) != tc.want.err {
				t.Fatalf("%s\nEncode(...): error %v, want error: %t", tc.reason, err, tc.want.err)
			}
			if err != nil {
				return
			}
			have := want{apiVersion: got.GetFields()["apiVersion"].GetStringValue(), kind: got.GetFields()["kind"].GetStringValue()}
			if diff := cmp.Diff(tc.want, have, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("%s\nEncode(...): -want, +got:\n%s", tc.reason, diff)
			}
			if _, found := got.GetFields()["status"]; found {
				t.Error("Encode(...): a composed resource's status must not be desired")
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		value  any
	}{
		"NaN":        {reason: "JSON has no NaN.", value: map[string]any{"a": math.NaN()}},
		"BigInteger": {reason: "Rounding an integer silently would be worse than failing.", value: []any{int64(1<<53 + 1)}},
		"MaxInt":     {reason: "The conversion back from float64 overflows here.", value: []any{int64(math.MaxInt64)}},
		"MaxUint":    {reason: "The conversion back from float64 overflows here.", value: []any{uint64(math.MaxUint64)}},
		"Channel":    {reason: "Channels have no JSON form.", value: struct{ C chan int }{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := Value(tc.value); err == nil {
				t.Errorf("%s\nValue(...): want an error, got %v", tc.reason, got)
			}
		})
	}
}

func TestSet(t *testing.T) {
	kept := &fnv1.Resource{Resource: &structpb.Struct{}}
	rsp := &fnv1.RunFunctionResponse{Desired: &fnv1.State{Resources: map[string]*fnv1.Resource{"earlier": kept}}}
	if err := Set(rsp, "ns", &corev1.Namespace{TypeMeta: typeMeta("v1", "Namespace"), ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, ReadyIf(true)); err != nil {
		t.Fatal(err)
	}
	if rsp.GetDesired().GetResources()["earlier"] != kept {
		t.Error("Set(...): what an earlier function desired must stay")
	}
	got := rsp.GetDesired().GetResources()["ns"]
	want := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}}
	if diff := cmp.Diff(want, got.GetResource().AsMap()); diff != "" || got.GetReady() != Ready {
		t.Errorf("Set(...): ready %s, -want, +got:\n%s", got.GetReady(), diff)
	}
	if err := Set(rsp, "bad", &corev1.Namespace{}, NotReady); err == nil || !strings.Contains(err.Error(), `"bad"`) {
		t.Errorf("Set(...): want an error that names the key, got %v", err)
	}
}

func BenchmarkEncodeDeployment(b *testing.B) {
	obj := workloads()["Deployment"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(obj, schema.GroupVersionKind{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeDeploymentViaConverter(b *testing.B) {
	obj := workloads()["Deployment"]
	b.ReportAllocs()
	for b.Loop() {
		m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := structpb.NewStruct(m); err != nil {
			b.Fatal(err)
		}
	}
}
