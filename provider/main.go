// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// The provider acts where functions only decide: it keeps the time of stacks,
// deletes what is over, and proves that it is gone. What it may do is in
// package/addons/rbac/provider.yaml.
package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/provider/clock"
	"github.com/microstaging/preview-stacks/provider/lifecycle"
)

// options are the flags. Names are those of other Crossplane providers where
// there are any.
type options struct {
	Debug bool `help:"Emit debug logs in addition to info logs." short:"d"`

	LeaderElection          bool   `default:"true" negatable:"" help:"Let only one of several replicas act."`
	LeaderElectionNamespace string `env:"POD_NAMESPACE" help:"Namespace of the lease that replicas elect their leader by. Default: the pod's own."`
	MetricsAddress          string `default:":8080" help:"Address at which to serve /metrics over HTTP. 0: none."`
	HealthProbeAddress      string `default:":8081" help:"Address at which to serve /healthz and /readyz over HTTP. 0: none."`

	Sync             time.Duration `short:"s" default:"1h" help:"How often everything is looked at, whatever the watches said."`
	Poll             time.Duration `default:"1m"  help:"How often a lease is looked at although nothing happened, in case the clock was put forward. Idle leases cost no requests."`
	MaxReconcileRate int           `default:"100" help:"Bounds requests to the API server: five times as many a second. Half of it is how many leases are looked at at once."`

	ClockTolerance time.Duration `default:"30s" help:"How much this machine's clock and the API server's may differ before nothing ends any more. 0s: any time is trusted."`

	BrakeWindow        time.Duration `default:"10m" help:"Time in which the ends of stacks are counted. 0s: any number may end at once."`
	BrakeShare         int           `default:"50"  help:"How many of all stacks may end in that time, in percent."`
	BrakeMinimum       int           `default:"20"  help:"How many stacks may end in that time, however few there are."`
	DeletionsPerMinute int           `default:"30"  help:"How many claims may be deleted in a minute, with onExpire Delete. 0: any number."`

	OrphanInterval time.Duration `default:"10m" help:"Time between two searches for objects whose stack is gone. 0s: no searches."`
	OrphanConfirm  time.Duration `default:"2m"  help:"How long a stack must have been gone before what it left counts."`
}

func main() {
	var o options
	k := kong.Parse(&o, kong.Name("provider-preview-stacks"), kong.Description("Ends preview stacks when their time is up, and proves that nothing is left."), kong.UsageOnError())
	k.FatalIfErrorf(run(o))
}

// check refuses flags that make no sense.
func (o options) check() error {
	switch {
	case o.BrakeShare < 0 || o.BrakeShare > 100:
		return fmt.Errorf("--brake-share is %d: choose from 0 to 100 percent", o.BrakeShare)
	case o.BrakeMinimum < 0:
		return fmt.Errorf("--brake-minimum is %d: choose 0 or more", o.BrakeMinimum)
	case o.MaxReconcileRate < 1:
		return fmt.Errorf("--max-reconcile-rate is %d: choose 1 or more", o.MaxReconcileRate)
	case o.Poll < time.Second:
		return fmt.Errorf("--poll is %s: choose 1s or more", o.Poll)
	case o.OrphanInterval > 0 && o.OrphanConfirm <= 0:
		return errors.New("--orphan-confirm is 0s: choose a time that a restore of the cluster takes, for example 2m")
	}
	return nil
}

// run runs the provider until SIGTERM or SIGINT.
func run(o options) error {
	if err := o.check(); err != nil {
		return err
	}
	zl := zap.New(zap.UseDevMode(o.Debug)).WithName("provider-preview-stacks")
	// klog hides that requests wait for the client's own limit, as Crossplane's
	// providers do; controller-runtime is quiet unless somebody debugs.
	logging.SetFilteredKlogLogger(zl)
	ctrl.SetLogger(zl)
	log := logging.NewLogrLogger(zl)

	cfg, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("cannot find the API server: %w", err)
	}
	guard := clock.New(o.ClockTolerance)
	cfg = ratelimiter.LimitRESTConfig(cfg, o.MaxReconcileRate)
	cfg.Wrap(guard.Wrap)
	mgr, err := newManager(cfg, o)
	if err != nil {
		return err
	}
	if err := lifecycle.Setup(mgr, lifecycle.Options{
		Log: log, Clock: guard, Poll: o.Poll, Concurrency: max(1, o.MaxReconcileRate/2),
		Brake:              lifecycle.Bounds{Window: o.BrakeWindow, Minimum: o.BrakeMinimum, Share: o.BrakeShare},
		DeletionsPerMinute: o.DeletionsPerMinute, OrphanInterval: o.OrphanInterval, OrphanConfirm: o.OrphanConfirm,
	}); err != nil {
		return fmt.Errorf("cannot set up controllers: %w", err)
	}
	prober, err := clock.NewProber(cfg)
	if err != nil {
		return err
	}
	if err := mgr.Add(prober); err != nil {
		return err
	}
	return mgr.Start(ctrl.SetupSignalHandler())
}

func newManager(cfg *rest.Config, o options) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), lifecyclev1alpha1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("cannot register kinds: %w", err)
	}
	mgr, err := ctrl.NewManager(cfg, ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       metricsserver.Options{BindAddress: o.MetricsAddress},
		HealthProbeBindAddress:        o.HealthProbeAddress,
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              "crossplane-leader-election-provider-preview-stacks",
		LeaderElectionNamespace:       o.LeaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		// Who owns which field is nobody's business here, and half of a lease.
		Cache:                   cache.Options{SyncPeriod: ptr.To(o.Sync), DefaultTransform: cache.TransformStripManagedFields()},
		GracefulShutdownTimeout: ptr.To(20 * time.Second),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot make the controllers' manager: %w", err)
	}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("ping", healthz.Ping)); err != nil {
		return nil, fmt.Errorf("cannot add health checks: %w", err)
	}
	return mgr, nil
}
