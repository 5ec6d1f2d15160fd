// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import "k8s.io/apimachinery/pkg/runtime/schema"

// queries tell when an object has become what it is for. They are not how the
// stack is judged, which looks at the observed manifest; but the provider looks
// again after half a minute at an Object that is not ready, and only after ten
// at one that is. An object that is ready from its creation would hold the
// whole stack up for that long.
var queries = map[schema.GroupKind]string{
	{Kind: "Namespace"}: `has(object.status.phase) && object.status.phase == "Active"`,
	{Group: "apps", Kind: "Deployment"}: `has(object.status.observedGeneration)` +
		` && object.status.observedGeneration >= object.metadata.generation` +
		` && (object.spec.replicas == 0 ||` +
		` has(object.status.updatedReplicas) && object.status.updatedReplicas >= object.spec.replicas` +
		` && has(object.status.availableReplicas) && object.status.availableReplicas >= object.spec.replicas` +
		` && object.status.replicas == object.status.updatedReplicas)`,
	{Group: "batch", Kind: "Job"}: `has(object.status.conditions)` +
		` && object.status.conditions.exists(c, c.type == "Complete" && c.status == "True")`,
	{Kind: "PersistentVolumeClaim"}: `has(object.status.phase) && object.status.phase == "Bound"`,
	{Group: "gateway.networking.k8s.io", Kind: "HTTPRoute"}: `has(object.status.parents)` +
		` && object.status.parents.exists(p, p.conditions.exists(c, c.type == "Accepted" && c.status == "True"))`,
	{Group: "snapshot.storage.k8s.io", Kind: "VolumeSnapshot"}: `has(object.status.readyToUse) && object.status.readyToUse == true`,
	{Group: "external-secrets.io", Kind: "ExternalSecret"}: `has(object.status.conditions)` +
		` && object.status.conditions.exists(c, c.type == "Ready" && c.status == "True")`,
}

func readiness(gvk schema.GroupVersionKind) Readiness {
	if q, ok := queries[gvk.GroupKind()]; ok {
		return Readiness{Policy: ReadyDeriveFromCelQuery, CelQuery: q}
	}
	return Readiness{Policy: ReadySuccessfulCreate}
}
