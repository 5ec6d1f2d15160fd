// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// victims are the processes that crash, by what their group calls them. etcd is
// not one: it writes without waiting for the disk here.
func victims() []string {
	return []string{"kube-apiserver", "crossplane", "function-stack", "function-ttl", shared.provider.name()}
}

// A crash comes this long after the last one. What an API server takes with it
// when it crashes, such as the provider's turn to lead, needs most of a minute to
// be there again.
const soonest, latest = 10 * time.Second, 30 * time.Second

// crashes kill processes until they are stopped, and start them again, as a
// kubelet would.
type crashes struct {
	t      *testing.T
	random *rand.Rand
	cancel context.CancelFunc
	over   sync.WaitGroup
	// counts of each process, for who wants to know.
	counts map[string]int
}

func startCrashes(t *testing.T, random *rand.Rand) *crashes {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &crashes{t: t, random: random, cancel: cancel, counts: map[string]int{}}
	c.over.Go(func() { c.run(ctx) })
	t.Cleanup(func() { c.stop() })
	return c
}

// stop ends the crashes, and says how many there were. All processes run then.
func (c *crashes) stop() string {
	c.cancel()
	c.over.Wait()
	var words []string
	for _, name := range slices.Sorted(maps.Keys(c.counts)) {
		words = append(words, fmt.Sprintf("%d of %s", c.counts[name], name))
	}
	return "crashes: " + strings.Join(words, ", ")
}

func (c *crashes) run(ctx context.Context) {
	for {
		wait := soonest + time.Duration(c.random.Int64N(int64(latest-soonest)))
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := c.crash(ctx, victims()[c.random.IntN(len(victims()))]); err != nil {
			c.t.Error(err)
			return
		}
	}
}

// crash kills a process and starts it again, and with it what did not survive
// the crash of another one: a controller may end itself when it loses the API
// server, and count on being started again.
func (c *crashes) crash(ctx context.Context, name string) error {
	victim := shared.cp.Group.Find(name)
	if victim == nil {
		return fmt.Errorf("there is no process %s to crash", name)
	}
	if err := victim.Kill(ctx); err != nil {
		return err
	}
	c.counts[name]++
	c.t.Logf("%s %s crashed", time.Now().Format(time.TimeOnly), name)
	return c.revive(context.WithoutCancel(ctx))
}

// revive starts again what has ended, the API server first.
func (c *crashes) revive(ctx context.Context) error {
	for _, name := range victims() {
		p := shared.cp.Group.Find(name)
		select {
		case <-p.Done():
		default:
			continue
		}
		again, err := shared.cp.Group.Restart(ctx, p)
		if err != nil {
			return err
		}
		if name == shared.provider.name() {
			shared.provider.process = again
		}
	}
	return nil
}
