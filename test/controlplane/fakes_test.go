// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/go-logr/logr"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"

	databasev1alpha1 "github.com/microstaging/preview-stacks/apis/database/v1alpha1"
	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	secretv1alpha1 "github.com/microstaging/preview-stacks/apis/secret/v1alpha1"
)

// fakeName is what the fakes call themselves.
const fakeName = "fake.example.com/preview-stacks"

// play starts a fake that writes the status of all objects of a kind, as the
// controller of that kind would.
func play[T client.Object](c *cluster, name string, prototype T, status func(T)) error {
	act := func(ctx context.Context, key reconcile.Request) (reconcile.Result, error) {
		object := prototype.DeepCopyObject().(T)
		if err := c.Get(ctx, key.NamespacedName, object); err != nil {
			return reconcile.Result{}, client.IgnoreNotFound(err)
		}
		before := object.DeepCopyObject().(T)
		if status(object); equality.Semantic.DeepEqual(before, object) {
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, client.IgnoreNotFound(c.Status().Patch(ctx, object, client.MergeFrom(before)))
	}
	return builder.ControllerManagedBy(c.fakes).Named(name).For(prototype).Complete(reconcile.Func(act))
}

// startFakeGateway starts a gateway that accepts every route and serves none.
func (c *cluster) startFakeGateway() error {
	return play(c, "fake-gateway", &gatewayv1.HTTPRoute{}, func(route *gatewayv1.HTTPRoute) {
		var parents []gatewayv1.RouteParentStatus
		for i, ref := range route.Spec.ParentRefs {
			parent := gatewayv1.RouteParentStatus{ParentRef: ref, ControllerName: fakeName}
			if i < len(route.Status.Parents) {
				parent.Conditions = route.Status.Parents[i].Conditions
			}
			for _, condition := range []gatewayv1.RouteConditionType{gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs} {
				meta.SetStatusCondition(&parent.Conditions, metav1.Condition{
					Type: string(condition), Status: metav1.ConditionTrue, Reason: string(condition), ObservedGeneration: route.Generation,
				})
			}
			parents = append(parents, parent)
		}
		route.Status.Parents = parents
	})
}

// byHand is the golden whose branches the fake leaves to a test.
const byHand = "by-hand"

// startFakeDatabases starts a provider that says of each branch that it is there.
func (c *cluster) startFakeDatabases() error {
	return play(c, "fake-databases", &databasev1alpha1.DatabaseBranch{}, func(branch *databasev1alpha1.DatabaseBranch) {
		if branch.Spec.ForProvider.GoldenRef.Name == byHand {
			return
		}
		branch.Status.SetConditions(xpv2.ReconcileSuccess(), xpv2.Available())
		branch.Status.CredentialsVersion = 1
	})
}

// startFakeSecrets starts a provider that says of each secret that it is there.
func (c *cluster) startFakeSecrets() error {
	return play(c, "fake-secrets", &secretv1alpha1.StackSecret{}, func(secret *secretv1alpha1.StackSecret) {
		secret.Status.SetConditions(xpv2.ReconcileSuccess(), xpv2.Available())
	})
}

// startFakeExternalSecrets starts an operator that syncs nothing and says it did.
func (c *cluster) startFakeExternalSecrets() error {
	return play(c, "fake-external-secrets", foreign("external-secrets.io/v1", "ExternalSecret"), func(secret *unstructured.Unstructured) {
		secret.Object["status"] = map[string]any{"conditions": []any{
			map[string]any{"type": "Ready", "status": "True", "reason": "SecretSynced"},
		}}
	})
}

// startFakeSnapshotter starts a CSI snapshotter to which each snapshot is ready.
func (c *cluster) startFakeSnapshotter() error {
	for _, kind := range []string{"VolumeSnapshot", "VolumeSnapshotContent"} {
		ready := func(snapshot *unstructured.Unstructured) {
			snapshot.Object["status"] = map[string]any{"readyToUse": true}
		}
		if err := play(c, "fake-snapshotter-"+kind, foreign("snapshot.storage.k8s.io/v1", kind), ready); err != nil {
			return err
		}
	}
	return nil
}

// startFakeHTTPAddOn starts an operator of KEDA's HTTP add-on that takes note of
// each route. There is no interceptor, and no KEDA: the tests are the scaler.
func (c *cluster) startFakeHTTPAddOn() error {
	return play(c, "fake-http-add-on", foreign("http.keda.sh/v1beta1", "InterceptorRoute"), func(route *unstructured.Unstructured) {
		if _, seen, _ := unstructured.NestedSlice(route.Object, "status", "conditions"); seen {
			return
		}
		route.Object["status"] = map[string]any{"conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Reconciled", "message": "", "lastTransitionTime": "2026-03-04T05:06:07Z",
		}}}
	})
}

// fakeScaler sets the replicas of a stack's switch as KEDA does: through the
// scale subresource, which takes their ownership.
func fakeScaler(t *testing.T, s stack, replicas int32) {
	t.Helper()
	lever, scale := &lifecyclev1alpha1.SleepSwitch{}, &autoscalingv1.Scale{}
	lever.Namespace, lever.Name = s.Status.Namespace, "sleep"
	if err := shared.SubResource("scale").Get(t.Context(), lever, scale); err != nil {
		t.Fatal(err)
	}
	scale.Spec.Replicas = replicas
	if err := shared.SubResource("scale").Update(t.Context(), lever, client.WithSubResourceBody(scale)); err != nil {
		t.Fatal(err)
	}
}

// foreign is an object of a kind without a Go type here.
func foreign(apiVersion, kind string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion(apiVersion)
	object.SetKind(kind)
	return object
}

// installStorage makes storage classes whose volumes are bound when a pod first
// needs them, and starts the fake that provisions for them. The first is the
// default, the second has the name that examples use.
func (c *cluster) installStorage(ctx context.Context) error {
	for name, isDefault := range map[string]string{"fake": "true", "fast": "false"} {
		class := &storagev1.StorageClass{
			Provisioner:       fakeName,
			VolumeBindingMode: ptr.To(storagev1.VolumeBindingWaitForFirstConsumer),
			ReclaimPolicy:     ptr.To(corev1.PersistentVolumeReclaimDelete),
		}
		class.Name = name
		class.Annotations = map[string]string{"storageclass.kubernetes.io/is-default-class": isDefault}
		if err := c.Create(ctx, class); err != nil {
			return err
		}
	}
	typed, err := kubernetes.NewForConfig(c.cp.RESTConfig())
	if err != nil {
		return err
	}
	ctx = klog.NewContext(ctx, logr.Discard()) // What goes wrong shows in the claims.
	go controller.NewProvisionController(ctx, typed, fakeName, fakeProvisioner{},
		controller.LeaderElection(false), controller.MetricsPort(0)).Run(ctx)
	return nil
}

// A fakeProvisioner makes volumes that nothing stores anything in: KWOK mounts
// none. When they are asked for, by whom, and that they are bound is real.
type fakeProvisioner struct{}

// Provision describes a volume.
func (fakeProvisioner) Provision(_ context.Context, o controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	if o.SelectedNodeName == "" {
		return nil, controller.ProvisioningFinished, errors.New("no node is chosen yet")
	}
	volume := &corev1.PersistentVolume{}
	volume.Name = o.PVName
	volume.Spec = corev1.PersistentVolumeSpec{
		PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
		AccessModes:                   o.PVC.Spec.AccessModes,
		Capacity:                      o.PVC.Spec.Resources.Requests,
		PersistentVolumeSource: corev1.PersistentVolumeSource{
			CSI: &corev1.CSIPersistentVolumeSource{Driver: "fake.example.com", VolumeHandle: o.PVName},
		},
	}
	return volume, controller.ProvisioningFinished, nil
}

// Delete has nothing to remove.
func (fakeProvisioner) Delete(context.Context, *corev1.PersistentVolume) error { return nil }
