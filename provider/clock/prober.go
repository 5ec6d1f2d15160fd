// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package clock

import (
	"context"
	"fmt"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// probeInterval is how often the API server is asked for its time at least. An
// idle provider asks it for nothing else.
const probeInterval = 10 * time.Second

// A Prober asks the API server for its version now and then, so that there is
// something to compare with. What the answer says is the guard's to see.
type Prober struct {
	version *discovery.DiscoveryClient
}

// NewProber makes a prober of an API server. The configuration is one that a
// guard wraps.
func NewProber(cfg *rest.Config) (*Prober, error) {
	version, err := discovery.NewDiscoveryClientForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("cannot make a client for the API server's time: %w", err)
	}
	return &Prober{version: version}, nil
}

// Start asks until the context is done. It implements manager.Runnable.
func (p *Prober) Start(ctx context.Context) error {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		// An error says that there is no answer, and so nothing to compare.
		_ = p.version.RESTClient().Get().AbsPath("/version").Do(ctx).Error()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
