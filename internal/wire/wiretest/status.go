// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wiretest

import "google.golang.org/protobuf/types/known/structpb"

// healthy returns the status of a resource that is ready, as its controller
// writes it. It is nil for kinds without status.
func healthy(obj *structpb.Struct) *structpb.Struct {
	status, ok := statuses[obj.GetFields()["kind"].GetStringValue()]
	if !ok {
		return nil
	}
	return value(status(obj)).GetStructValue()
}

// statuses by kind.
var statuses = map[string]func(*structpb.Struct) map[string]any{
	"Namespace":             func(*structpb.Struct) map[string]any { return map[string]any{"phase": "Active"} },
	"Deployment":            deploymentStatus,
	"Job":                   jobStatus,
	"Service":               func(*structpb.Struct) map[string]any { return map[string]any{"loadBalancer": map[string]any{}} },
	"PersistentVolumeClaim": volumeClaimStatus,
	"HTTPRoute":             routeStatus,
	"InterceptorRoute":      conditionsStatus("Ready"),
	"ScaledObject":          conditionsStatus("Ready"),
	"ResourceQuota":         quotaStatus,
	"VolumeSnapshot":        snapshotStatus,
	"VolumeSnapshotContent": snapshotStatus,
	"ExternalSecret":        conditionsStatus("Ready"),
	"DatabaseBranch":        conditionsStatus("Ready", "Synced"),
	"StackSecret":           conditionsStatus("Ready", "Synced"),
}

func snapshotStatus(*structpb.Struct) map[string]any { return map[string]any{"readyToUse": true} }

func conditionsStatus(types ...string) func(*structpb.Struct) map[string]any {
	return func(*structpb.Struct) map[string]any {
		list := []any{}
		for _, t := range types {
			list = append(list, condition(t, "Available", ""))
		}
		return map[string]any{"conditions": list}
	}
}

func deploymentStatus(obj *structpb.Struct) map[string]any {
	replicas := 1.0
	if r, ok := obj.GetFields()["spec"].GetStructValue().GetFields()["replicas"]; ok {
		replicas = r.GetNumberValue()
	}
	return map[string]any{
		"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
		"conditions": []any{
			condition("Available", "MinimumReplicasAvailable", "Deployment has minimum availability."),
			condition("Progressing", "NewReplicaSetAvailable", "ReplicaSet has successfully progressed."),
		},
	}
}

func jobStatus(*structpb.Struct) map[string]any {
	return map[string]any{
		"startTime": observedAt, "completionTime": observedAt, "succeeded": 1, "ready": 0, "terminating": 0, "uncountedTerminatedPods": map[string]any{},
		"conditions": []any{
			condition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods"),
			condition("Complete", "CompletionsReached", "Reached expected number of succeeded pods"),
		},
	}
}

func volumeClaimStatus(obj *structpb.Struct) map[string]any {
	requests := obj.GetFields()["spec"].GetStructValue().GetFields()["resources"].GetStructValue().GetFields()["requests"].GetStructValue()
	return map[string]any{"phase": "Bound", "accessModes": []any{"ReadWriteOnce"}, "capacity": requests.AsMap()}
}

func routeStatus(obj *structpb.Struct) map[string]any {
	parents := []any{}
	for _, ref := range obj.GetFields()["spec"].GetStructValue().GetFields()["parentRefs"].GetListValue().GetValues() {
		accepted, resolved := condition("Accepted", "Accepted", ""), condition("ResolvedRefs", "ResolvedRefs", "")
		accepted["observedGeneration"], resolved["observedGeneration"] = 1, 1
		parents = append(parents, map[string]any{
			"controllerName": "traefik.io/gateway-controller",
			"parentRef":      ref.AsInterface(),
			"conditions":     []any{accepted, resolved},
		})
	}
	return map[string]any{"parents": parents}
}

func quotaStatus(obj *structpb.Struct) map[string]any {
	hard := obj.GetFields()["spec"].GetStructValue().GetFields()["hard"].GetStructValue()
	return map[string]any{"hard": hard.AsMap(), "used": hard.AsMap()}
}

func condition(kind, reason, message string) map[string]any {
	return map[string]any{
		"type": kind, "status": "True", "reason": reason, "message": message,
		"lastTransitionTime": observedAt, "lastUpdateTime": observedAt,
	}
}
