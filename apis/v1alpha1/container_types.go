// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A Container is what services and jobs share: one image and all that it is
// started with.
type Container struct {
	// Image to run. Variables are expanded. One of image and fallbackImage is
	// required once claim and blueprint are merged.
	// Example: r.example.com/shop/web:${source.shortRevision}
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]*$') && !self.contains('://')",message="image cannot be used: write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"",messageExpression="'image is \"' + self + '\": write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"'"
	Image string `json:"image,omitempty"`

	// FallbackImage runs where no image is set: in a monorepo, a pull request
	// builds some of the images only. Example: r.example.com/shop/api:main
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]*$') && !self.contains('://')",message="fallbackImage cannot be used: write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"",messageExpression="'fallbackImage is \"' + self + '\": write an image without protocol and blanks, for example \"r.example.com/shop/web:9f1c2ab\"'"
	FallbackImage string `json:"fallbackImage,omitempty"`

	// Command replaces the image's entrypoint. Default: the image's.
	// +optional
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	Command []string `json:"command,omitempty"`

	// Args replace the image's command. Variables are expanded.
	// +optional
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=4096
	// +listType=atomic
	Args []string `json:"args,omitempty"`

	// Env sets environment variables. Values may hold variables such as
	// ${databases.db.url}; those that are secret become references.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_.-]{0,199}$'))",message="env has a name that cannot be used: use letters, digits and underscores, starting with a letter, at most 200 characters, for example LOG_LEVEL",messageExpression="'env has the name \"' + self.filter(k, !(k.matches('^[A-Za-z_][A-Za-z0-9_.-]{0,199}$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: use letters, digits and underscores, starting with a letter, at most 200 characters, for example LOG_LEVEL'"
	Env map[string]EnvValue `json:"env,omitempty"`

	// EnvFrom names secrets of this stack whose keys all become environment
	// variables. Example: {stripe: {}}
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="envFrom has a name that cannot be used: write the name of a secret of this stack, for example stripe",messageExpression="'envFrom has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the name of a secret of this stack, for example stripe'"
	EnvFrom map[string]EnvFrom `json:"envFrom,omitempty"`

	// Files are mounted read-only, keyed by their absolute path.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255)",message="files has a path that cannot be used: write the absolute path of a file, for example /etc/api.yaml",messageExpression="'files has the path \"' + self.filter(k, !(k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the absolute path of a file, for example /etc/api.yaml'"
	Files map[string]File `json:"files,omitempty"`

	// Volumes mounts volumes of this stack, keyed by the mount path.
	// Example: {/var/lib/uploads: {source: uploads}}
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255)",message="volumes has a mount path that cannot be used: write the absolute path of a folder, for example /var/lib/uploads",messageExpression="'volumes has the mount path \"' + self.filter(k, !(k.matches('^(/[^/:[:cntrl:]]+)+$') && !k.matches('/[.][.]?(/|$)') && k.size() <= 255) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the absolute path of a folder, for example /var/lib/uploads'"
	Volumes map[string]VolumeMount `json:"volumes,omitempty"`

	// Resources requested and the limits. Default: the class's.
	// +optional
	Resources *Resources `json:"resources,omitempty"`

	// SecurityContext loosens nothing: it names users and groups where the
	// image does not. Default: the class's.
	// +optional
	SecurityContext *SecurityContext `json:"securityContext,omitempty"`

	// DependsOn names services, databases, mocks and jobs that come first.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$'))",message="dependsOn has a name that cannot be used: write the name of a service, database, mock or job of this stack, for example db",messageExpression="'dependsOn has the name \"' + self.filter(k, !(k.matches('^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$')) && k.matches('^[A-Za-z0-9 _./@:-]{1,40}$'))[0] + '\", which cannot be used: write the name of a service, database, mock or job of this stack, for example db'"
	DependsOn map[string]Dependency `json:"dependsOn,omitempty"`
}

// An EnvValue is the value of one environment variable, at most 4096
// characters; variables are expanded, $${ writes a literal ${.
//
// +kubebuilder:validation:MaxLength=4096
type EnvValue string

// EnvFrom takes all keys of one secret of the stack. It has no fields yet.
type EnvFrom struct{}

// A File is the content of one file, written here or kept in a ConfigMap.
//
// +kubebuilder:validation:XValidation:rule="has(self.content) != has(self.configMapRef)",message="set exactly one of content and configMapRef"
type File struct {
	// Content of the file. Variables are expanded, but secret ones are
	// refused: a file ends up in a ConfigMap.
	// +optional
	// +kubebuilder:validation:MaxLength=65536
	Content *string `json:"content,omitempty"`

	// ConfigMapRef takes the content from a ConfigMap in the claim's
	// namespace, as it is, without expanding variables.
	// +optional
	ConfigMapRef *ConfigMapKeyReference `json:"configMapRef,omitempty"`
}

// A ConfigMapKeyReference names one key of a ConfigMap in the claim's namespace.
type ConfigMapKeyReference struct {
	// Name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key within it. Default: the file's base name.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// A ConfigMapReference names a ConfigMap in the claim's namespace.
type ConfigMapReference struct {
	// Name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// A VolumeMount mounts one volume of the stack.
type VolumeMount struct {
	// Source is the volume's name under volumes. Example: uploads
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	Source string `json:"source"`

	// SubPath within the volume. Default: its root.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.matches('(^|/)[.][.](/|$)')",message="subPath cannot be used: write a path relative to the root of the volume, for example \"cache\"",messageExpression="'subPath is \"' + self + '\": write a path relative to the root of the volume, for example \"cache\"'"
	SubPath string `json:"subPath,omitempty"`

	// ReadOnly mounts it read-only. Default: false
	// +optional
	ReadOnly *bool `json:"readOnly,omitempty"`
}

// Resources of one container, as Kubernetes quantities.
type Resources struct {
	// Requests reserved. Example: {cpu: 100m, memory: 128Mi}
	// +optional
	Requests ResourceAmounts `json:"requests,omitempty"`

	// Limits that hold. Default: the class's, at least the requests.
	// +optional
	Limits ResourceAmounts `json:"limits,omitempty"`
}

// ResourceAmounts are amounts of CPU and memory.
type ResourceAmounts struct {
	// CPU in cores. Example: 100m
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="cpu is not an amount above zero: write an amount such as \"500m\" (half a core) or \"2\""
	CPU *resource.Quantity `json:"cpu,omitempty"`

	// Memory in bytes. Example: 128Mi
	// +optional
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="type(self) == int ? self > 0 : isQuantity(self) && quantity(self).isGreaterThan(quantity('0'))",message="memory is not an amount above zero: write an amount such as \"512Mi\" or \"2Gi\""
	Memory *resource.Quantity `json:"memory,omitempty"`
}

// A SecurityContext names the user a container runs as. All else is fixed:
// no privileges, no capabilities, the runtime's default seccomp profile.
type SecurityContext struct {
	// RunAsUser is the numeric user, 1 or more (0 is root, which the class's
	// pod security refuses). Default: the class's defaultRunAsUser, else the
	// image's user, which must then be numeric and not root.
	// +optional
	// +kubebuilder:validation:Maximum=2147483647
	// +kubebuilder:validation:XValidation:rule="self > 0",message="runAsUser 0 is root, which no stack may run as: write a user of 1 or more, for example 10001"
	RunAsUser *int64 `json:"runAsUser,omitempty"`

	// RunAsGroup is the numeric group. Default: the image's.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	RunAsGroup *int64 `json:"runAsGroup,omitempty"`

	// FSGroup owns the mounted volumes. Default: runAsUser where it is set.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2147483647
	FSGroup *int64 `json:"fsGroup,omitempty"`

	// ReadOnlyRootFilesystem. Default: false
	// +optional
	ReadOnlyRootFilesystem *bool `json:"readOnlyRootFilesystem,omitempty"`
}

// A DependencyCondition says what is waited for.
//
// +kubebuilder:validation:Enum=Ready;Completed
type DependencyCondition string

// Dependency conditions.
const (
	// DependencyReady waits until a service, mock or database is ready.
	DependencyReady DependencyCondition = "Ready"
	// DependencyCompleted waits until a job has succeeded.
	DependencyCompleted DependencyCondition = "Completed"
)

// A Dependency says what to wait for before starting for the first time.
type Dependency struct {
	// Condition to wait for. Default: Completed for a job, else Ready.
	// +optional
	Condition DependencyCondition `json:"condition,omitempty"`
}

// ResourceList gives the amounts as Kubernetes counts them; amounts that are
// not set are left out.
func (a ResourceAmounts) ResourceList() corev1.ResourceList {
	list := corev1.ResourceList{}
	if a.CPU != nil {
		list[corev1.ResourceCPU] = *a.CPU
	}
	if a.Memory != nil {
		list[corev1.ResourceMemory] = *a.Memory
	}
	return list
}
