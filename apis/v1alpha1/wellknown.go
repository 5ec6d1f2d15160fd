// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Labels and annotations of this API.
const (
	// LabelDefaultClass marks the class of claims that name none, with "true".
	LabelDefaultClass = "microstaging.dev/default-class"
	// LabelSeries holds a blueprint's series.
	LabelSeries = "microstaging.dev/series"
	// LabelStack is on every object of a stack; its value is the namespace's name.
	LabelStack = "microstaging.dev/stack"
	// LabelPart is on the objects and pods of one part: service, job, mock ...
	LabelPart = "microstaging.dev/part"
	// LabelName is on the objects and pods of one part: its name.
	LabelName = "microstaging.dev/name"
	// LabelClaimNamespace and LabelClaimName say whose stack it is.
	LabelClaimNamespace = "microstaging.dev/claim-namespace"
	LabelClaimName      = "microstaging.dev/claim-name"
	// LabelRepository, LabelPullRequest and LabelRevision say what it shows;
	// values are made fit for labels.
	LabelRepository  = "microstaging.dev/repository"
	LabelPullRequest = "microstaging.dev/pull-request"
	LabelRevision    = "microstaging.dev/revision"
	// LabelClass names the class.
	LabelClass = "microstaging.dev/class"

	// AnnotationRepository, AnnotationBranch and AnnotationAuthor hold what a
	// label cannot: any character, full length.
	AnnotationRepository = "microstaging.dev/repository"
	AnnotationBranch     = "microstaging.dev/branch"
	AnnotationAuthor     = "microstaging.dev/author"
	// AnnotationConfigHash is on pods; it changes with their files and secrets.
	AnnotationConfigHash = "microstaging.dev/config-hash"
)

// Condition types of a stack.
const (
	// ConditionAdmitted is true when class, blueprint and claim fit together.
	ConditionAdmitted = "Admitted"
	// ConditionDataReady is true when databases, volumes and secrets are ready.
	ConditionDataReady = "DataReady"
	// ConditionWorkloadsReady is true when services, mocks, jobs and routes are.
	ConditionWorkloadsReady = "WorkloadsReady"
)

// Reasons of conditions. docs/messages.md explains each.
const (
	// ReasonAdmitted: class, blueprint and claim fit together.
	ReasonAdmitted = "Admitted"
	// ReasonClassNotFound: the class does not exist, or none is the default.
	ReasonClassNotFound = "ClassNotFound"
	// ReasonClassAmbiguous: more than one class is the default.
	ReasonClassAmbiguous = "ClassAmbiguous"
	// ReasonClassNotAllowed: the class does not admit this claim.
	ReasonClassNotAllowed = "ClassNotAllowed"
	// ReasonBlueprintNotFound: the blueprint or its series does not exist.
	ReasonBlueprintNotFound = "BlueprintNotFound"
	// ReasonInvalid: a field of the merged stack is wrong.
	ReasonInvalid = "Invalid"
	// ReasonOverLimits: the stack asks for more than its class allows.
	ReasonOverLimits = "OverLimits"
	// ReasonImmutable: a field changed that cannot change on a live stack.
	ReasonImmutable = "Immutable"

	// ReasonReady: all of it is ready.
	ReasonReady = "Ready"
	// ReasonNothingToDo: the stack has no such part.
	ReasonNothingToDo = "NothingToDo"
	// ReasonNamespaceNotReady: the namespace is not there yet, or going.
	ReasonNamespaceNotReady = "NamespaceNotReady"
	// ReasonMissingKind: the cluster lacks a kind that the stack needs.
	ReasonMissingKind = "MissingKind"
	// ReasonWaiting: something is not ready yet, and time may help.
	ReasonWaiting = "Waiting"
	// ReasonJobFailed: a job failed for good.
	ReasonJobFailed = "JobFailed"
	// ReasonImagePull: an image cannot be pulled.
	ReasonImagePull = "ImagePull"
	// ReasonCrashLoop: a container exits again and again.
	ReasonCrashLoop = "CrashLoop"
	// ReasonContainerConfig: a container cannot be created as configured.
	ReasonContainerConfig = "ContainerConfig"
	// ReasonUnschedulable: no node takes a pod.
	ReasonUnschedulable = "Unschedulable"
	// ReasonRolloutStalled: a new revision does not become ready; the old serves.
	ReasonRolloutStalled = "RolloutStalled"
	// ReasonRouteNotAccepted: the gateway refused a route.
	ReasonRouteNotAccepted = "RouteNotAccepted"
	// ReasonNotAdmitted: nothing is started because Admitted is false.
	ReasonNotAdmitted = "NotAdmitted"
)
