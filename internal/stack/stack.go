// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package stack resolves one environment: it merges class, blueprint and
// claim, fills in defaults, expands variables, and checks that the result can
// run. What it returns needs no further decisions, so that making objects of
// it (package expand) is a mere mapping. It is pure: it reads no cluster and
// no clock.
package stack

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	ttlv1alpha1 "github.com/microstaging/preview-stacks/apis/ttl/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// A Stack is one environment, resolved. All lists are sorted by name.
type Stack struct {
	Identity  names.Identity
	Namespace string
	ClassName string
	Class     v1alpha1.PreviewClassSpec
	// Blueprint is nil for a stack that its claim describes alone.
	Blueprint *v1alpha1.BlueprintStatus
	Source    v1alpha1.Source
	Target    v1alpha1.Target
	Notes     string
	// Lifetime for function-ttl.
	Lifetime ttlv1alpha1.Lifetime

	Services  []Service
	Jobs      []Job
	Mocks     []Mock
	Volumes   []Volume
	Databases []Database
	Secrets   []Secret
	Egress    []v1alpha1.Egress
	Routes    []Route
	Manifests []Manifest
	Sleep     Sleep

	// Reserved is the sum of what the containers and volumes ask for.
	Reserved Reserved
}

// A PartKind is a kind of part of a stack.
type PartKind string

// Part kinds. Their values are label values.
const (
	PartService  PartKind = "service"
	PartJob      PartKind = "job"
	PartMock     PartKind = "mock"
	PartDatabase PartKind = "database"
	PartVolume   PartKind = "volume"
	PartSecret   PartKind = "secret"
	PartRoute    PartKind = "route"
	PartManifest PartKind = "manifest"
	// PartStack is what belongs to the stack as a whole.
	PartStack PartKind = "stack"
)

// A Part names one part of a stack.
type Part struct {
	Kind PartKind
	Name string
}

// String writes a part as people say it: service web.
func (p Part) String() string { return string(p.Kind) + " " + p.Name }

// A Dependency is a part that must have reached a condition first.
type Dependency struct {
	Part      Part
	Condition v1alpha1.DependencyCondition
}

// A Container is one image and all that it is started with, resolved.
type Container struct {
	Image         string
	Command, Args []string
	// Env is in the order that Kubernetes needs: a variable that others embed
	// as $(NAME) precedes them.
	Env []corev1.EnvVar
	// EnvFrom names Secrets of the preview namespace.
	EnvFrom []string
	Files   []File
	Mounts  []Mount
	// Resources are complete: requests and limits of CPU and memory.
	Resources corev1.ResourceRequirements
	// RunAsUser, RunAsGroup and FSGroup are nil where the image decides.
	RunAsUser, RunAsGroup, FSGroup *int64
	ReadOnlyRootFilesystem         bool
	DependsOn                      []Dependency
	// Databases and Secrets of the stack that Env and EnvFrom refer to, by
	// name: when their credentials rotate, the pods must roll.
	Databases, Secrets []string
}

// A File is mounted read-only at Path.
type File struct {
	Path string
	// Key within the ConfigMap that holds it.
	Key     string
	Content string
}

// A Mount mounts one volume of the stack.
type Mount struct {
	Path, Volume, SubPath string
	ReadOnly              bool
}

// A Service keeps running.
type Service struct {
	Name string
	Container
	Ports    []Port
	Check    Check
	Replicas int32
	// Exclusive: it mounts a volume that one node at a time may hold, so the
	// old pods stop before the new ones start.
	Exclusive bool
	// BeforeJobs: a PreDeploy job depends on it, directly or not, so it cannot
	// wait for the PreDeploy jobs.
	BeforeJobs bool
	// Exposed port names, sorted.
	Exposed []string
}

// A Port is one port of a service.
type Port struct {
	Name     string
	Number   int32
	Protocol v1alpha1.PortProtocol
}

// A Check says when a container is ready. The zero value checks nothing.
type Check struct {
	// HTTPPath is set for an HTTP check.
	HTTPPath string
	// TCP and GRPC choose what is asked on Port.
	TCP, GRPC bool
	// Port number of an HTTP, TCP or gRPC check.
	Port int32
	// Command is set for an exec check.
	Command []string
	// StartSeconds that a start may take.
	StartSeconds int32
}

// A Job runs to completion.
type Job struct {
	Name string
	Container
	// Phase is empty for a scheduled job.
	Phase          v1alpha1.JobPhase
	Run            v1alpha1.JobRun
	Schedule       string
	TimeoutSeconds int64
	Retries        int32
}

// A Mock plays a third party.
type Mock struct {
	Name   string
	Engine v1alpha1.MockEngine
	Image  string
	// Files by path below the engine's root.
	Files     []File
	Port      int32
	Resources corev1.ResourceRequirements
	RunAsUser *int64
}

// A Volume is one volume claim.
type Volume struct {
	Name         string
	Size         resource.Quantity
	AccessMode   corev1.PersistentVolumeAccessMode
	StorageClass string
	// Golden is set when the volume starts from a snapshot of the class.
	Golden *v1alpha1.GoldenSnapshot
	// SnapshotClass goes with Golden; it may be empty.
	SnapshotClass string
	// CloneOf names another volume of the stack.
	CloneOf string
	// Mounted: a service or job uses it.
	Mounted bool
}

// A Database is a branch of a golden database.
type Database struct {
	Name, Golden string
	Engine       v1alpha1.DatabaseEngine
}

// A Secret is one Secret in the preview namespace.
type Secret struct {
	Name string
	// Exactly one of Store (with Path), CopyFrom and GenerateLength is set.
	Store, Path    string
	CopyFrom       string
	GenerateLength int32
}

// A Route is one host and what it leads to.
type Route struct {
	// Name is the host as the claim says it, such as web; unique.
	Name string
	Host string
	URL  string
	Auth v1alpha1.AuthMode
	// Primary: status.url is this one's.
	Primary bool
	Rules   []RouteRule
}

// A RouteRule leads path prefixes to one port of one service.
type RouteRule struct {
	Paths    []string
	Service  string
	Port     int32
	Protocol v1alpha1.PortProtocol
}

// A Sleep says what puts a stack to sleep.
type Sleep struct {
	// Mode that the stack can have, in a cluster that has what it takes.
	Mode v1alpha1.SleepMode
	// After so long without traffic it sleeps, and after so long it may sleep
	// again that was woken by command.
	After time.Duration
	// Intercepted: its routes lead through the interceptor, are to, or did.
	Intercepted bool
	// Instead says why the mode is not the class's; empty if it is.
	Instead string
}

// A Manifest is one object of a blueprint, with variables expanded and the
// namespace set.
type Manifest struct {
	Name   string
	Object *unstructured.Unstructured
}

// Reserved is what a stack asks for.
type Reserved struct {
	// Requests and Limits are sums over all containers of services (times
	// replicas), mocks and the largest of the jobs of one phase.
	Requests, Limits corev1.ResourceList
	// Surge is what one more pod of the largest service takes while it rolls.
	Surge corev1.ResourceList
	// Storage is the sum of all volumes' sizes.
	Storage   resource.Quantity
	Pods      int32
	Databases int32
}
