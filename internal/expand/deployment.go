// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/stack"
)

const (
	// pullSeconds is the time that pulling an image may take before a
	// roll-out counts as stalled.
	pullSeconds = 300
	// settleSeconds is how long a container without a check must run before
	// it counts as ready: a broken revision would otherwise replace a good
	// one in the moment between its start and its crash.
	settleSeconds = 5
	// drainSeconds is how long a pod goes on answering after it was told to end:
	// a gateway learns a moment later than the pod that it is to go, and would
	// answer what it sends there until then with 502.
	drainSeconds = 2
	// annotationCredentials is on pods: the versions of the credentials that
	// they were started with.
	annotationCredentials = "microstaging.dev/credentials"
)

func services(s *stack.Stack, credentials map[string]int64) []Object {
	var objects []Object
	for _, svc := range s.Services {
		part := stack.Part{Kind: stack.PartService, Name: svc.Name}
		objects = append(objects, Object{
			Key: "deployment-" + svc.Name, Part: part, Role: RoleWorkload,
			Object: MakeDeployment(s, svc, credentials), DependsOn: svc.DependsOn, BeforeJobs: svc.BeforeJobs,
		})
		if len(svc.Ports) > 0 {
			objects = append(objects, Object{
				Key: "service-" + svc.Name, Part: part, Role: RoleBase, Object: MakeService(s, part, svc.Ports),
			})
		}
		objects = append(objects, files(s, part, svc.Files)...)
	}
	return objects
}

// files is the ConfigMap of a service or job, if it has files.
func files(s *stack.Stack, part stack.Part, files []stack.File) []Object {
	if len(files) == 0 {
		return nil
	}
	return []Object{{Key: "files-" + part.Name, Part: part, Role: RoleBase, Object: MakeConfigMap(s, part, files)}}
}

// MakeDeployment makes the Deployment of a service.
func MakeDeployment(s *stack.Stack, svc stack.Service, credentials map[string]int64) *appsv1.Deployment {
	part := stack.Part{Kind: stack.PartService, Name: svc.Name}
	template := makePod(s, part, svc.Container)
	probe(&template.Spec.Containers[0], svc.Check)
	template.Spec.Containers[0].Ports = containerPorts(svc.Ports)
	if len(svc.Exposed) > 0 {
		template.Spec.Containers[0].Lifecycle = drain()
	}
	if versions := credentialVersions(svc.Container, credentials); versions != "" {
		template.Annotations = merged(template.Annotations, map[string]string{annotationCredentials: versions})
	}
	d := makeDeployment(s, part, template)
	d.ObjectMeta = withRevision(s, d.ObjectMeta)
	d.Spec.Replicas = ptr.To(svc.Replicas)
	d.Spec.ProgressDeadlineSeconds = ptr.To(svc.Check.StartSeconds + pullSeconds)
	if template.Spec.Containers[0].ReadinessProbe == nil {
		d.Spec.MinReadySeconds = settleSeconds
	}
	if svc.Exclusive {
		d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
	}
	return d
}

// makeDeployment is what the Deployments of services and mocks have in common.
func makeDeployment(s *stack.Stack, part stack.Part, template corev1.PodTemplateSpec) *appsv1.Deployment {
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "Deployment"},
		ObjectMeta: makeMeta(s, part, part.Name),
		Spec: appsv1.DeploymentSpec{
			Selector:             &metav1.LabelSelector{MatchLabels: partLabels(s, part)},
			Template:             template,
			RevisionHistoryLimit: ptr.To(int32(1)),
			Strategy: appsv1.DeploymentStrategy{
				Type: appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{
					MaxUnavailable: ptr.To(intstr.FromInt32(0)),
					MaxSurge:       ptr.To(intstr.FromInt32(1)),
				},
			},
		},
	}
}

func drain() *corev1.Lifecycle {
	return &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: drainSeconds}}}
}

func containerPorts(ports []stack.Port) []corev1.ContainerPort {
	var out []corev1.ContainerPort
	for _, p := range ports {
		out = append(out, corev1.ContainerPort{Name: p.Name, ContainerPort: p.Number, Protocol: transport(p.Protocol)})
	}
	return out
}

// credentialVersions writes the known versions of the credentials that a
// container is given, such as "database-db=2,secret-stripe=1".
func credentialVersions(c stack.Container, credentials map[string]int64) string {
	var versions []string
	note := func(key string) {
		if v := credentials[key]; v != 0 {
			versions = append(versions, fmt.Sprintf("%s=%d", key, v))
		}
	}
	for _, name := range c.Databases {
		note(DatabaseKey(name))
	}
	for _, name := range c.Secrets {
		note(SecretKey(name))
	}
	return strings.Join(versions, ",")
}
