// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/health/healthtest"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func ready(since string) health.Result {
	return health.Result{State: v1alpha1.PartReady, Reason: v1alpha1.ReasonReady, Since: at(since)}
}

func progressing(reason, detail string) health.Result {
	return health.Result{State: v1alpha1.PartProgressing, Reason: reason, Detail: detail}
}

func waiting(detail string) health.Result { return progressing(v1alpha1.ReasonWaiting, detail) }

func failed(reason, detail string) health.Result {
	return health.Result{State: v1alpha1.PartFailed, Reason: reason, Detail: detail}
}

const deployment = `{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 2}, `

func TestJudge(t *testing.T) {
	cases := map[string]struct {
		reason string
		object string
		opts   health.Options
		want   health.Result
	}{
		"NamespaceActive": {
			reason: "objects can be made in an active namespace",
			object: `{apiVersion: v1, kind: Namespace, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {phase: Active}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"NamespaceTerminating": {
			reason: "a namespace that goes takes no objects",
			object: `{apiVersion: v1, kind: Namespace, metadata: {deletionTimestamp: "2026-05-04T08:00:00Z"}, status: {phase: Terminating}}`,
			want:   waiting("is being deleted"),
		},
		"NamespaceWithoutPhase": {
			reason: "a namespace that was just applied has no phase",
			object: `{apiVersion: v1, kind: Namespace}`,
			want:   progressing(v1alpha1.ReasonNamespaceNotReady, "is not active yet"),
		},
		"DeploymentReady": {
			reason: "since is the end of the latest roll-out, not when it first became available",
			object: deployment + `spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, conditions: [
				{type: Available, status: "True", lastTransitionTime: "2026-05-04T08:00:00Z"},
				{type: Progressing, status: "True", reason: NewReplicaSetAvailable, lastUpdateTime: "2026-05-04T09:00:00Z", lastTransitionTime: "2026-05-04T07:59:00Z"}]}}`,
			want: ready("2026-05-04T09:00:00Z"),
		},
		"DeploymentStale": {
			reason: "a status of an earlier spec says nothing about this one",
			object: deployment + `spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1}}`,
			want:   waiting("has a change that is not picked up yet"),
		},
		"DeploymentPaused": {
			reason: "a paused one keeps its old pods; that is not its new revision being ready",
			object: deployment + `spec: {replicas: 1, paused: true}, status: {observedGeneration: 2, replicas: 1, availableReplicas: 1}}`,
			want:   waiting("keeps its old revision until it may roll out"),
		},
		"DeploymentNotUpdated": {
			reason: "old pods that are available do not count",
			object: deployment + `spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2}}`,
			want:   waiting("has 1 of 2 pods of its new revision"),
		},
		"DeploymentReplacing": {
			reason: "old pods still serve beside the new ones",
			object: deployment + `spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2}}`,
			want:   waiting("is replacing pods of its old revision"),
		},
		"DeploymentUnavailable": {
			reason: "its pod is there and not ready",
			object: deployment + `spec: {}, status: {observedGeneration: 2, replicas: 1, updatedReplicas: 1}}`,
			want:   waiting("has 0 of 1 pods ready"),
		},
		"DeploymentScaledToZero": {
			reason: "no pods are asked for, so none are missing",
			object: deployment + `spec: {replicas: 0}, status: {observedGeneration: 2}}`,
			want:   health.Result{State: v1alpha1.PartReady, Reason: v1alpha1.ReasonReady},
		},
		"DeploymentStalled": {
			reason: "the controller gave up, and the old pods serve",
			object: deployment + `spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1, conditions: [
				{type: Progressing, status: "False", reason: ProgressDeadlineExceeded}]}}`,
			want: failed(v1alpha1.ReasonRolloutStalled, "does not become ready in its new revision; the old one serves"),
		},
		"DeploymentNeverReady": {
			reason: "the controller gave up, and nothing serves",
			object: deployment + `spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 1, updatedReplicas: 1, conditions: [
				{type: Progressing, status: "False", reason: ProgressDeadlineExceeded}]}}`,
			want: failed(v1alpha1.ReasonRolloutStalled, "does not become ready"),
		},
		"DeploymentRefused": {
			reason: "pods that admission refuses never exist, so only the controller can say why",
			object: deployment + `spec: {replicas: 1}, status: {observedGeneration: 2, conditions: [
				{type: ReplicaFailure, status: "True", reason: FailedCreate, message: "pods \"web-5\" is forbidden:\n exceeded quota: stack"}]}}`,
			want: progressing(v1alpha1.ReasonContainerConfig, `has pods that are refused: pods "web-5" is forbidden: exceeded quota: stack`),
		},
		"InterceptorRouteNew": {
			reason: "a route that the add-on has not seen leads nowhere",
			object: `{apiVersion: http.keda.sh/v1beta1, kind: InterceptorRoute}`,
			want:   waiting("is not seen by KEDA's HTTP add-on yet"),
		},
		"InterceptorRouteReady": {
			reason: "it has seen it",
			object: `{apiVersion: http.keda.sh/v1beta1, kind: InterceptorRoute, status: {conditions: [
				{type: Ready, status: "True", reason: Reconciled, lastTransitionTime: "2026-05-04T08:00:00Z"}]}}`,
			want: ready("2026-05-04T08:00:00Z"),
		},
		"SleepSwitchFails": {
			reason: "what moves the switch has no part in what runs",
			object: `{apiVersion: lifecycle.microstaging.dev/v1alpha1, kind: SleepSwitch, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {conditions: [
				{type: Ready, status: "False", reason: ScalerFailing}]}}`,
			want: ready("2026-05-04T08:00:00Z"),
		},
		"JobComplete": {
			reason: "a job that succeeded is ready since then",
			object: `{apiVersion: batch/v1, kind: Job, status: {completionTime: "2026-05-04T08:00:05Z", conditions: [
				{type: SuccessCriteriaMet, status: "True"}, {type: Complete, status: "True"}]}}`,
			want: ready("2026-05-04T08:00:05Z"),
		},
		"JobRunning": {
			reason: "an active pod is a run",
			object: `{apiVersion: batch/v1, kind: Job, status: {active: 1}}`,
			want:   waiting("is running"),
		},
		"JobEnding": {
			reason: "its pod ended, and nobody has said yet how the job did",
			object: `{apiVersion: batch/v1, kind: Job, metadata: {name: migrate}, status: {active: 0, uncountedTerminatedPods: {succeeded: [0b0a]}}}`,
			want:   waiting("is running"),
		},
		"JobNotStarted": {
			reason: "a job without status was just applied",
			object: `{apiVersion: batch/v1, kind: Job}`,
			want:   waiting("has not started yet"),
		},
		"JobFailed": {
			reason: "after the last retry it stays failed",
			object: `{apiVersion: batch/v1, kind: Job, status: {conditions: [
				{type: FailureTarget, status: "True", reason: BackoffLimitExceeded}, {type: Failed, status: "True", reason: BackoffLimitExceeded}]}}`,
			want: failed(v1alpha1.ReasonJobFailed, "failed, and so did its retries"),
		},
		"JobTimeout": {
			reason: "the timeout is what its owner has to change",
			object: `{apiVersion: batch/v1, kind: Job, spec: {activeDeadlineSeconds: 600}, status: {conditions: [{type: Failed, status: "True", reason: DeadlineExceeded}]}}`,
			want:   failed(v1alpha1.ReasonJobFailed, "was stopped after its timeout of 10m0s"),
		},
		"CronJob": {
			reason: "a schedule is ready once it is there",
			object: `{apiVersion: batch/v1, kind: CronJob, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"VolumeBound": {
			reason: "bound and large enough; drivers round up",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"},
				spec: {resources: {requests: {storage: 5Gi}}}, status: {phase: Bound, capacity: {storage: 8Gi}}}`,
			want: ready("2026-05-04T08:00:00Z"),
		},
		"VolumePendingMounted": {
			reason: "a pod waits for it",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending}}`,
			want:   waiting("is not bound to a volume yet"),
		},
		"VolumePendingUnused": {
			reason: "a class that waits for the first consumer would wait for ever",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {phase: Pending}}`,
			opts:   health.Options{Unused: true},
			want: health.Result{State: v1alpha1.PartReady, Reason: v1alpha1.ReasonReady,
				Detail: "is bound when a pod first mounts it", Since: at("2026-05-04T08:00:00Z")},
		},
		"VolumeLost": {
			reason: "its data is gone; it does not come back",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Lost}}`,
			want:   failed(v1alpha1.ReasonWaiting, "has lost the volume that it was bound to"),
		},
		"VolumeResizing": {
			reason: "the size asked for is not there yet",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 10Gi}}}, status: {phase: Bound, capacity: {storage: 5Gi}}}`,
			want:   waiting("is being resized to 10Gi"),
		},
		"VolumeResizeError": {
			reason: "the driver says why",
			object: `{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 10Gi}}}, status: {phase: Bound, capacity: {storage: 5Gi},
				conditions: [{type: ControllerResizeError, status: "True", message: "out of space"}]}}`,
			want: waiting("cannot be resized to 10Gi: out of space"),
		},
		"SnapshotError": {
			reason: "the snapshot controller's message is all there is",
			object: `{apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, status: {readyToUse: false, error: {message: "no such handle snap-0a1b"}}}`,
			want:   waiting("cannot be used: no such handle snap-0a1b"),
		},
		"SnapshotReady": {
			reason: "volumes can be made from it",
			object: `{apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {readyToUse: true}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"BranchUnsynced": {
			reason: "a provider that cannot act is the news, even if the branch was ready before",
			object: `{apiVersion: database.microstaging.dev/v1alpha1, kind: DatabaseBranch, status: {conditions: [
				{type: Ready, status: "True"}, {type: Synced, status: "False", reason: ReconcileError, message: "golden shop does not exist"}]}}`,
			want: waiting("cannot be reconciled: golden shop does not exist"),
		},
		"BranchReady": {
			reason: "both conditions are good",
			object: `{apiVersion: database.microstaging.dev/v1alpha1, kind: DatabaseBranch, status: {conditions: [
				{type: Ready, status: "True", lastTransitionTime: "2026-05-04T08:00:00Z"}, {type: Synced, status: "True"}]}}`,
			want: ready("2026-05-04T08:00:00Z"),
		},
		"BranchUnseen": {
			reason: "without conditions it is not ready, unlike kinds that have none",
			object: `{apiVersion: database.microstaging.dev/v1alpha1, kind: DatabaseBranch}`,
			want:   waiting("has not been seen by its provider yet"),
		},
		"ExternalSecretNotReady": {
			reason: "its Ready condition has a message",
			object: `{apiVersion: external-secrets.io/v1, kind: ExternalSecret, status: {conditions: [{type: Ready, status: "False", reason: SecretSyncedError, message: "could not get secret data from provider"}]}}`,
			want:   waiting("is not ready: could not get secret data from provider"),
		},
		"RouteAccepted": {
			reason: "our parent accepted it; a parent of another section says nothing",
			object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {generation: 3, namespace: pv-shop}, spec: {parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: main, namespace: edge, sectionName: web}]},
				status: {parents: [
					{parentRef: {name: main, namespace: edge, sectionName: other}, conditions: [{type: Accepted, status: "False", observedGeneration: 3}]},
					{parentRef: {group: gateway.networking.k8s.io, kind: Gateway, name: main, namespace: edge, sectionName: web}, conditions: [
						{type: Accepted, status: "True", observedGeneration: 3, lastTransitionTime: "2026-05-04T08:00:00Z"},
						{type: ResolvedRefs, status: "True", observedGeneration: 3, lastTransitionTime: "2026-05-04T08:00:01Z"}]}]}}`,
			want: ready("2026-05-04T08:00:01Z"),
		},
		"RouteRefused": {
			reason: "the gateway says why",
			object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {generation: 1, namespace: edge}, spec: {parentRefs: [{name: main}]},
				status: {parents: [{parentRef: {name: main, namespace: edge}, conditions: [{type: Accepted, status: "False", observedGeneration: 1, reason: NotAllowedByListeners, message: "namespace pv-shop is not allowed"}]}]}}`,
			want: progressing(v1alpha1.ReasonRouteNotAccepted, "is not accepted by its gateway: namespace pv-shop is not allowed"),
		},
		"RouteStale": {
			reason: "it was accepted before it was changed",
			object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {generation: 2}, spec: {parentRefs: [{name: main}]},
				status: {parents: [{parentRef: {name: main}, conditions: [{type: Accepted, status: "True", observedGeneration: 1}]}]}}`,
			want: waiting("is not seen by its gateway yet"),
		},
		"RouteUnseen": {
			reason: "no controller has looked",
			object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {generation: 1}, spec: {parentRefs: [{name: main}]}}`,
			want:   waiting("is not seen by gateway main yet"),
		},
		"IngressWithoutAddress": {
			reason: "many controllers never set an address",
			object: `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {loadBalancer: {}}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"ObjectReady": {
			reason: "a wrapped object is judged by its own kind's rules",
			object: `{apiVersion: kubernetes.crossplane.io/v1alpha2, kind: Object, metadata: {generation: 1}, status: {conditions: [{type: Synced, status: "True"}], atProvider: {manifest:
				{apiVersion: v1, kind: Namespace, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {phase: Active}}}}}`,
			want: ready("2026-05-04T08:00:00Z"),
		},
		"ObjectInnerNotReady": {
			reason: "being applied is not being ready",
			object: `{apiVersion: kubernetes.crossplane.io/v1alpha2, kind: Object, status: {conditions: [{type: Synced, status: "True"}, {type: Ready, status: "True"}], atProvider: {manifest:
				{apiVersion: apps/v1, kind: Deployment, metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 1}}}}}`,
			want: waiting("has a change that is not picked up yet"),
		},
		"ObjectUnsynced": {
			reason: "the remote API server refused it",
			object: `{apiVersion: kubernetes.crossplane.io/v1alpha2, kind: Object, status: {conditions: [{type: Synced, status: "False", message: "cannot apply object: forbidden"}]}}`,
			want:   waiting("cannot be applied: cannot apply object: forbidden"),
		},
		"ObjectUnseen": {
			reason: "nothing has been read back",
			object: `{apiVersion: kubernetes.crossplane.io/v1alpha2, kind: Object}`,
			want:   waiting("has not been seen in its cluster yet"),
		},
		"StatefulSetRolling": {
			reason: "a manifest's stateful set rolls, too",
			object: `{apiVersion: apps/v1, kind: StatefulSet, metadata: {generation: 1}, spec: {replicas: 3}, status: {observedGeneration: 1, updatedReplicas: 1, availableReplicas: 3, currentRevision: a, updateRevision: b}}`,
			want:   waiting("has 1 of 3 pods of its new revision"),
		},
		"DaemonSetStarting": {
			reason: "each node counts",
			object: `{apiVersion: apps/v1, kind: DaemonSet, metadata: {generation: 1}, status: {observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1}}`,
			want:   waiting("has 1 of 2 pods ready"),
		},
		"UnknownKindNotReady": {
			reason: "most kinds have a Ready condition",
			object: `{apiVersion: example.org/v1, kind: Widget, status: {conditions: [{type: Ready, status: "False", reason: Building}]}}`,
			want:   waiting("is not ready: Building"),
		},
		"UnknownKindStrangeConditions": {
			reason: "conditions that are no list are not conditions: it exists",
			object: `{apiVersion: example.org/v1, kind: Widget, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}, status: {conditions: {Ready: "False"}}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"Service": {
			reason: "it has no state",
			object: `{apiVersion: v1, kind: Service, metadata: {creationTimestamp: "2026-05-04T08:00:00Z"}}`,
			want:   ready("2026-05-04T08:00:00Z"),
		},
		"Deleting": {
			reason: "somebody deletes it; it is made again when it is gone",
			object: `{apiVersion: v1, kind: Service, metadata: {deletionTimestamp: "2026-05-04T08:00:00Z"}}`,
			want:   waiting("is being deleted"),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := health.Judge(healthtest.FromYAML(tc.object), tc.opts)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: Judge(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
