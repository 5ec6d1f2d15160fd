// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// Names of pod volumes.
const (
	filesVolume  = "files"
	volumePrefix = "volume-"
)

// Seconds that a container has to end after it was asked to. A preview has no
// traffic worth draining for long, and its deletion waits for its pods; one
// that writes to a volume gets Kubernetes' default to finish.
const (
	graceSeconds        = 10
	graceSecondsWriting = 30
)

// makePod makes the pod template of a service or job.
func makePod(s *stack.Stack, part stack.Part, c stack.Container) corev1.PodTemplateSpec {
	spec := makePodSpec(s, c.RunAsUser)
	spec.SecurityContext.RunAsGroup = c.RunAsGroup
	spec.SecurityContext.FSGroup = c.FSGroup
	if c.FSGroup != nil {
		// Changing the owner of every file takes minutes on a golden volume.
		spec.SecurityContext.FSGroupChangePolicy = ptr.To(corev1.FSGroupChangeOnRootMismatch)
	}
	if len(c.Mounts) > 0 {
		spec.TerminationGracePeriodSeconds = ptr.To(int64(graceSecondsWriting))
	}
	spec.Containers = []corev1.Container{makeContainer(part.Name, c)}
	spec.Volumes = podVolumes(part, c)
	template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: partLabels(s, part)}, Spec: spec}
	if len(c.Files) > 0 {
		template.Annotations = map[string]string{v1alpha1.AnnotationConfigHash: filesHash(c.Files)}
	}
	return template
}

// makePodSpec is what all pods of a stack have in common. The restricted
// profile is spelled out: admission checks it, but does not fill it in.
func makePodSpec(s *stack.Stack, runAsUser *int64) corev1.PodSpec {
	security := &corev1.PodSecurityContext{
		RunAsUser:      runAsUser,
		SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
	if podSecurityLevel(s) == v1alpha1.PodSecurityRestricted || runAsUser != nil {
		security.RunAsNonRoot = ptr.To(true)
	}
	return corev1.PodSpec{
		ServiceAccountName:            serviceAccountName,
		AutomountServiceAccountToken:  ptr.To(false),
		EnableServiceLinks:            ptr.To(false),
		ImagePullSecrets:              imagePullSecrets(s),
		SecurityContext:               security,
		TerminationGracePeriodSeconds: ptr.To(int64(graceSeconds)),
	}
}

func makeContainer(name string, c stack.Container) corev1.Container {
	security := containerSecurity()
	if c.ReadOnlyRootFilesystem {
		security.ReadOnlyRootFilesystem = ptr.To(true)
	}
	return corev1.Container{
		Name:            name,
		Image:           c.Image,
		Command:         c.Command,
		Args:            c.Args,
		Env:             c.Env,
		EnvFrom:         envFrom(c.EnvFrom),
		Resources:       c.Resources,
		VolumeMounts:    containerMounts(c),
		SecurityContext: security,
		// The last lines of a crashed container's log go into the pod's status,
		// from where the stack's detail quotes them.
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
	}
}

func containerSecurity() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: ptr.To(false),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

func envFrom(secrets []string) []corev1.EnvFromSource {
	var sources []corev1.EnvFromSource
	for _, name := range secrets {
		sources = append(sources, corev1.EnvFromSource{
			SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}},
		})
	}
	return sources
}

// containerMounts mounts volumes, then files: a file may lie within a volume.
// Each file is mounted by itself, so that its folder keeps what the image has.
func containerMounts(c stack.Container) []corev1.VolumeMount {
	var mounts []corev1.VolumeMount
	for _, m := range c.Mounts {
		mounts = append(mounts, corev1.VolumeMount{
			Name: volumePrefix + m.Volume, MountPath: m.Path, SubPath: m.SubPath, ReadOnly: m.ReadOnly,
		})
	}
	for _, f := range c.Files {
		mounts = append(mounts, corev1.VolumeMount{Name: filesVolume, MountPath: f.Path, SubPath: f.Key, ReadOnly: true})
	}
	return mounts
}

func podVolumes(part stack.Part, c stack.Container) []corev1.Volume {
	var volumes []corev1.Volume
	seen := map[string]bool{}
	for _, m := range c.Mounts {
		if seen[m.Volume] {
			continue
		}
		seen[m.Volume] = true
		volumes = append(volumes, corev1.Volume{Name: volumePrefix + m.Volume, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: m.Volume},
		}})
	}
	if len(c.Files) > 0 {
		volumes = append(volumes, filesSource(part, nil))
	}
	return volumes
}

// filesSource is the pod volume with the files of a part. Without items, each
// key is a file.
func filesSource(part stack.Part, items []corev1.KeyToPath) corev1.Volume {
	return corev1.Volume{Name: filesVolume, VolumeSource: corev1.VolumeSource{
		ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: names.FilesName(part.Name)},
			Items:                items,
		},
	}}
}
