// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// finalizerManaged is on what a Crossplane provider manages outside the cluster.
const finalizerManaged = "finalizer.managedresource.crossplane.io"

// owners of finalizers that one meets often, and what they wait for.
var owners = map[string]string{
	"kubernetes.io/pvc-protection":                                          "a pod still uses it",
	"kubernetes.io/pv-protection":                                           "it is still bound to a claim",
	"external-provisioner.volume.kubernetes.io/finalizer":                   "its storage driver has not deleted the volume",
	"snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection": "a VolumeSnapshot is still bound to it",
	"foregroundDeletion":                                                    "what it owns is not gone",
	"orphan":                                                                "what it owns is being let go of",
	"composite.apiextensions.crossplane.io":                                 "Crossplane has not let go of the composite",
	"batch.kubernetes.io/job-tracking":                                      "its Job has not counted it",
	"service.kubernetes.io/load-balancer-cleanup":                           "its load balancer is not gone",
}

// whyObject says why an object is not gone. Synced is what a managed resource
// says of its last attempt.
func whyObject(o metav1.Object, synced string) string {
	if o.GetDeletionTimestamp() == nil {
		return "nobody asked it to go"
	}
	if len(o.GetFinalizers()) == 0 {
		return "it is going: nothing holds it"
	}
	var holds []string
	for _, finalizer := range o.GetFinalizers() {
		switch owner := owners[finalizer]; {
		case finalizer == finalizerManaged && synced != "":
			holds = append(holds, finalizer+": its provider says: "+synced)
		case finalizer == finalizerManaged:
			holds = append(holds, finalizer+": its provider has not removed what is behind it; is it running?")
		case owner != "":
			holds = append(holds, finalizer+": "+owner)
		default:
			holds = append(holds, finalizer+": whoever put it there has not taken it off")
		}
	}
	return "held by finalizer " + strings.Join(holds, "; ")
}

// whyVolume says why a volume is not gone.
func whyVolume(volume *corev1.PersistentVolume) string {
	switch {
	case volume.DeletionTimestamp != nil:
		return whyObject(volume, "")
	case volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete:
		return fmt.Sprintf("its reclaim policy is %s, so Kubernetes keeps it: delete it, and what it stands for", volume.Spec.PersistentVolumeReclaimPolicy)
	case volume.Status.Phase == corev1.VolumeFailed:
		return "its storage driver cannot delete it: " + volume.Status.Message
	case volume.Status.Phase == corev1.VolumeReleased:
		return "its storage driver has not deleted it"
	}
	return "its claim is not gone"
}

// whyNamespace says why a namespace is not gone: in a cluster without our rights
// to look into it, by what Kubernetes itself says of it.
func whyNamespace(namespace *corev1.Namespace) string {
	if namespace.DeletionTimestamp == nil {
		return "nobody asked it to go"
	}
	says := map[corev1.NamespaceConditionType]string{}
	for _, c := range namespace.Status.Conditions {
		if c.Status == corev1.ConditionTrue {
			says[c.Type] = strings.TrimSuffix(c.Message, ".")
		}
	}
	var why []string
	for _, cause := range []struct {
		condition corev1.NamespaceConditionType
		means     string
	}{
		{corev1.NamespaceDeletionDiscoveryFailure, "Kubernetes cannot tell what is in it, most likely because an aggregated API does not answer (kubectl get apiservices): "},
		{corev1.NamespaceDeletionGVParsingFailure, "Kubernetes cannot read what kinds there are: "},
		{corev1.NamespaceDeletionContentFailure, "Kubernetes cannot delete something in it: "},
		{corev1.NamespaceContentRemaining, ""},
		{corev1.NamespaceFinalizersRemaining, ""},
	} {
		if message := says[cause.condition]; message != "" {
			why = append(why, cause.means+message)
		}
	}
	if len(why) == 0 {
		return "it is going: Kubernetes is deleting what is in it"
	}
	return "it is going, and not gone: " + strings.Join(why, "; ")
}

// syncedMessage is what a managed resource says of its last attempt.
func syncedMessage(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if condition, _ := c.(map[string]any); condition["type"] == "Synced" {
			message, _ := condition["message"].(string)
			return message
		}
	}
	return ""
}

// mayNot begins what is said of a kind that cannot be listed for want of rights.
const mayNot = "the provider may not list it"

// forbidden says which permission is missing.
func forbidden(err error) string {
	why := mayNot
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		why += ": " + status.Status().Message
	}
	return why + ". Grant get and list of it in a ClusterRole labelled rbac.microstaging.dev/aggregate-to-provider: \"true\""
}

// named are so many leftovers in a condition's message; the status has more.
const named = 3

// sayLeft puts in words what is left.
func sayLeft(s *survey) string {
	var lines []string
	for _, l := range s.leftovers[:min(named, len(s.leftovers))] {
		where := l.Name
		if l.Namespace != "" {
			where = l.Namespace + "/" + l.Name
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", l.Kind, where, l.Why))
	}
	if more := s.left - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	for _, u := range s.unseen {
		if strings.HasPrefix(u.Why, mayNot) {
			lines = append(lines, fmt.Sprintf("%s cannot be looked for: %s", u.Kind.Kind, u.Why))
		}
	}
	return strings.Join(lines, "\n")
}
