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

// Commands are annotations on claims: Git does not know them, so nothing
// reverts them.
const (
	// AnnotationExtendUntil moves the deadline to a time, RFC 3339.
	AnnotationExtendUntil = "microstaging.dev/extend-until"
	// AnnotationPinned holds the deadline while it is "true".
	AnnotationPinned = "microstaging.dev/pinned"
	// AnnotationRecreate makes the stack anew, once for each value.
	AnnotationRecreate = "microstaging.dev/recreate"
	// AnnotationWake and AnnotationSleep hold the time, RFC 3339, at which
	// somebody asked for it. The later of the two counts.
	AnnotationWake  = "microstaging.dev/wake"
	AnnotationSleep = "microstaging.dev/sleep"
	// AnnotationExpiresAt on the namespace is the deadline, RFC 3339.
	AnnotationExpiresAt = "microstaging.dev/expires-at"
)

// Keys of the pipeline's context, by which functions tell each other.
const (
	// ContextLifetime holds the Lifetime (ttl.microstaging.dev) of a stack.
	ContextLifetime = "microstaging.dev/lifetime"
	// ContextRefused holds why a due stack is refused: only its end may follow.
	ContextRefused = "microstaging.dev/refused"
)

// Condition types of a stack.
const (
	// ConditionAdmitted is true when class, blueprint and claim fit together.
	ConditionAdmitted = "Admitted"
	// ConditionDataReady is true when databases, volumes and secrets are ready.
	ConditionDataReady = "DataReady"
	// ConditionWorkloadsReady is true when services, mocks, jobs and routes are.
	ConditionWorkloadsReady = "WorkloadsReady"
	// ConditionExpired is true once the deadline has passed.
	ConditionExpired = "Expired"
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

	// ReasonActive: the deadline is ahead, or there is none.
	ReasonActive = "Active"
	// ReasonRestoring: the stack is coming back.
	ReasonRestoring = "Restoring"
	// ReasonRetiring: the deadline has passed, and the stack is being removed.
	ReasonRetiring = "Retiring"
	// ReasonRetired: the deadline has passed, and nothing of the stack is left.
	ReasonRetired = "Retired"
	// ReasonRecreating: the stack is removed to be made anew.
	ReasonRecreating = "Recreating"
	// ReasonExpired: the stack has been retired.
	ReasonExpired = "Expired"
	// ReasonAsleep: it is stopped until the stack wakes.
	ReasonAsleep = "Asleep"
	// ReasonWaking: it slept, and is starting again.
	ReasonWaking = "Waking"
)
