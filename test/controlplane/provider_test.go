// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/controlplane"
	"github.com/microstaging/preview-stacks/hack/process"
)

// providerName is also its account's, which package/addons/rbac grants rights.
const providerName = "provider-preview-stacks"

// The provider runs as a process, with the rights that Crossplane's RBAC manager
// and our add-on grant, and no others.
type provider struct {
	program    string
	kubeconfig string
	process    *process.Process
	metrics    string
	starts     int
}

// providerFlags are what the suite does not leave at its default: nobody waits
// ten minutes for orphans.
var providerFlags = []string{"--debug", "--orphan-interval=3s", "--orphan-confirm=2s", "--leader-election-namespace=" + controlplane.CrossplaneNamespace}

// startProvider installs the provider and its kinds of leases. The kinds that
// other tests miss on purpose stay away.
func (c *cluster) startProvider(ctx context.Context) error {
	files, err := c.crossplane.InstallProvider(ctx, controlplane.Provider{Name: providerName, CRDs: []string{
		c.path("package/provider/crds/lifecycle.microstaging.dev_stackleases.yaml"),
		c.path("package/provider/crds/lifecycle.microstaging.dev_stackreceipts.yaml"),
		c.path("package/provider/crds/lifecycle.microstaging.dev_sleepswitches.yaml"),
	}})
	if err != nil {
		return err
	}
	c.provider.kubeconfig = files.Kubeconfig
	if c.provider.program, err = build.Command(ctx, "./provider"); err != nil {
		return err
	}
	return c.provider.start(ctx, c)
}

// start runs it with flags besides the suite's.
func (p *provider) start(ctx context.Context, c *cluster, flags ...string) error {
	addresses, err := freeAddresses(ctx, 2)
	if err != nil {
		return err
	}
	p.metrics = "http://" + addresses[0] + "/metrics"
	args := append([]string{"--metrics-address=" + addresses[0], "--health-probe-address=" + addresses[1]}, providerFlags...)
	p.starts++
	p.process, err = c.cp.Group.Start(ctx, process.Spec{
		Name: p.name(), Path: p.program,
		Env:   []string{"KUBECONFIG=" + p.kubeconfig},
		Args:  append(args, flags...),
		Ready: func(ctx context.Context) error { return answers(ctx, "http://"+addresses[1]+"/readyz") },
	})
	return err
}

// name is what the group calls the process that was started last.
func (p *provider) name() string { return fmt.Sprintf("%s-%d", providerName, p.starts) }

// restartProvider stops the provider in order and starts it with other flags,
// until the test is over.
func restartProvider(t *testing.T, flags ...string) {
	t.Helper()
	restart := func(ctx context.Context, flags ...string) {
		if err := shared.provider.process.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if err := shared.provider.start(ctx, shared, flags...); err != nil {
			t.Fatal(err)
		}
		awaitLeader(ctx, t)
	}
	restart(t.Context(), flags...)
	t.Cleanup(func() { restart(context.WithoutCancel(t.Context())) })
}

// killProvider ends it without a chance to finish anything, and starts it anew.
func killProvider(t *testing.T, flags ...string) {
	t.Helper()
	if err := shared.provider.process.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := shared.provider.start(t.Context(), shared, flags...); err != nil {
		t.Fatal(err)
	}
	awaitLeader(t.Context(), t)
}

// awaitLeader waits until the provider acts: after a kill, that is when the one
// before has not been heard of for long enough.
func awaitLeader(ctx context.Context, t *testing.T) {
	t.Helper()
	if err := poll(ctx, func(ctx context.Context) error {
		status, err := measure(ctx, "leader_election_master_status")
		if err != nil || len(status) == 0 || status[0].GetGauge().GetValue() != 1 {
			return errors.Join(err, errors.New("it does not lead"))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// measured reads a metric of the provider.
func measured(t *testing.T, name string) []*dto.Metric {
	t.Helper()
	metrics, err := measure(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return metrics
}

func measure(ctx context.Context, name string) ([]*dto.Metric, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, shared.provider.metrics, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil, err
	}
	return families[name].GetMetric(), nil
}
