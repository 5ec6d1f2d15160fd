// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"time"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// An Observed is an object as the cluster has it. Decode reads the named
// members ("status", "spec.replicas"; none: all) into a value with JSON tags
// and passes over members that the value does not know.
type Observed interface {
	APIVersion() string
	Kind() string
	Generation() int64
	CreatedAt() time.Time
	Deleting() bool
	Decode(into any, members ...string) error
}

// A Result is where one observed object stands.
type Result struct {
	// State is Progressing, Ready, Asleep or Failed. An object that was not
	// observed has the zero Result.
	State v1alpha1.PartState
	// Reason is one of the API's condition reasons.
	Reason string
	// Detail reads on after the object's name: "is being deleted". It is empty
	// when the object is ready, unless being ready needs explaining.
	Detail string
	// Since is when it last became ready; zero when it is not, or when the
	// kind does not tell.
	Since time.Time
}

// Ready tells whether the object is as it should be.
func (r Result) Ready() bool { return r.State == v1alpha1.PartReady }

// Failed tells whether waiting will not help.
func (r Result) Failed() bool { return r.State == v1alpha1.PartFailed }

// Asleep tells whether the object has stopped until its stack wakes.
func (r Result) Asleep() bool { return r.State == v1alpha1.PartAsleep }

// Options are what an object's kind does not tell about its use.
type Options struct {
	// Unused: of a volume claim, nothing mounts it now. With a storage class
	// that waits for the first consumer it stays Pending, which is fine.
	Unused bool
}

// A rule judges the objects of one kind.
type rule func(Observed, Options) Result

// rules by apiVersion and kind. What is not here is judged by its conditions.
var rules = map[[2]string]rule{
	{"v1", "Namespace"}:                                     namespace,
	{"v1", "PersistentVolumeClaim"}:                         volumeClaim,
	{"apps/v1", "Deployment"}:                               deployment,
	{"apps/v1", "StatefulSet"}:                              statefulSet,
	{"apps/v1", "DaemonSet"}:                                daemonSet,
	{"batch/v1", "Job"}:                                     job,
	{"batch/v1", "CronJob"}:                                 exists,
	{"networking.k8s.io/v1", "Ingress"}:                     ingress,
	{"networking.k8s.io/v1", "NetworkPolicy"}:               exists,
	{"gateway.networking.k8s.io/v1", "HTTPRoute"}:           httpRoute,
	{"gateway.networking.k8s.io/v1", "GRPCRoute"}:           httpRoute,
	{"snapshot.storage.k8s.io/v1", "VolumeSnapshot"}:        snapshot,
	{"snapshot.storage.k8s.io/v1", "VolumeSnapshotContent"}: snapshot,
	{"http.keda.sh/v1beta1", "InterceptorRoute"}:            interceptorRoute,
	// What moves the switch has no part in what runs: should it fail, the
	// stack stays as it is.
	{"lifecycle.microstaging.dev/v1alpha1", "SleepSwitch"}:   exists,
	{"database.microstaging.dev/v1alpha1", "DatabaseBranch"}: managed,
	{"secret.microstaging.dev/v1alpha1", "StackSecret"}:      managed,
	{"v1", "ConfigMap"}:                             exists,
	{"v1", "LimitRange"}:                            exists,
	{"v1", "ResourceQuota"}:                         exists,
	{"v1", "Secret"}:                                exists,
	{"v1", "Service"}:                               exists,
	{"v1", "ServiceAccount"}:                        exists,
	{"rbac.authorization.k8s.io/v1", "RoleBinding"}: exists,
}

// Judge says where an observed object stands.
func Judge(o Observed, opts Options) Result {
	if o.Kind() == objectKind && isObject(o.APIVersion()) {
		return object(o, opts)
	}
	if o.Deleting() {
		return waiting("is being deleted")
	}
	if judge, ok := rules[[2]string{o.APIVersion(), o.Kind()}]; ok {
		return judge(o, opts)
	}
	return conditioned(o)
}

// exists is for kinds that are ready once they are there.
func exists(o Observed, _ Options) Result { return ready(o.CreatedAt()) }

func ready(since time.Time) Result {
	return Result{State: v1alpha1.PartReady, Reason: v1alpha1.ReasonReady, Since: since}
}

func waiting(detail string) Result {
	return Result{State: v1alpha1.PartProgressing, Reason: v1alpha1.ReasonWaiting, Detail: detail}
}

func failed(reason, detail string) Result {
	return Result{State: v1alpha1.PartFailed, Reason: reason, Detail: detail}
}

// unreadable keeps a malformed status from passing for a good one.
func unreadable(err error) Result {
	return waiting(Bound(fmt.Sprintf("has a status that cannot be read: %v", err)))
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
