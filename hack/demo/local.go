// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/microstaging/preview-stacks/hack/build"
	"github.com/microstaging/preview-stacks/hack/localcluster"
	"github.com/microstaging/preview-stacks/hack/process"
)

// Images are those that the examples name and that are made here.
var Images = []string{"postgres", "redis", "wiremock", "web", "miniflux-2.2.12", "miniflux-2.2.13"}

// Local starts the local cluster and is there. One that is up already is used as
// it is, and stays up. Others go when the place is left, unless they are to stay.
func Local(ctx context.Context, name string, stay bool) (*Place, error) {
	_, err := localcluster.Attach(ctx, name)
	wasUp := err == nil
	mode := process.Attached
	if stay {
		mode = process.Detached
	}
	cluster, err := localcluster.Up(ctx, localcluster.Options{Name: name, Mode: mode, Images: Images})
	if err != nil {
		return nil, err
	}
	p, err := localPlace(cluster)
	if err == nil && !wasUp && !stay {
		p.leave = func(ctx context.Context, keepLogs bool) error { return leaveLocal(ctx, cluster, keepLogs) }
	}
	return p, err
}

func leaveLocal(ctx context.Context, cluster *localcluster.Cluster, keepLogs bool) error {
	return build.Step(ctx, "removing the cluster", func(ctx context.Context) error {
		if !keepLogs {
			return cluster.Down(ctx)
		}
		build.Printf(ctx, "the logs are kept in %s\n", cluster.LogDir())
		return cluster.Stop(ctx)
	})
}

func localPlace(cluster *localcluster.Cluster) (*Place, error) {
	config, err := cluster.RESTConfig()
	if err != nil {
		return nil, err
	}
	c, err := newClient(config)
	if err != nil {
		return nil, err
	}
	gateway, err := localGateway(cluster)
	if err != nil {
		return nil, err
	}
	return &Place{Client: c, Config: config, Registry: cluster.Registry().Address, Gateway: gateway, kubeconfig: cluster.Kubeconfig()}, nil
}

// localGateway is reached the way browsers reach it: on this machine's loopback,
// at port 80 if that was free.
func localGateway(cluster *localcluster.Cluster) (Gateway, error) {
	at, err := url.Parse(cluster.URL(localcluster.Domain))
	if err != nil {
		return Gateway{}, fmt.Errorf("cannot tell where the gateway answers: %w", err)
	}
	port := 80
	if at.Port() != "" {
		if port, err = strconv.Atoi(at.Port()); err != nil {
			return Gateway{}, fmt.Errorf("cannot tell where the gateway answers: %w", err)
		}
	}
	return Gateway{
		Namespace: "gateway-system", Name: "preview", Domain: localcluster.Domain,
		Address: "127.0.0.1:" + strconv.Itoa(port), Port: int32(port), //nolint:gosec // A port.
	}, nil
}
