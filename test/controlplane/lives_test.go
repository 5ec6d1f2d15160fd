// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

const (
	// lives is how many random lives are led; COUNT sets another number.
	lives = 20

	// fewest and most steps of a life, besides its creation and its end.
	fewest, most = 2, 5
)

// brakeOff: scenarios that end more stacks in a minute than there are would find
// the rest held, as they should be.
var brakeOff = []string{"--brake-window=0s", "--deletions-per-minute=0"}

// livesClass is the class of the stacks. A deadline that is moved back leaves a
// second, so that letting one expire is quick.
const livesClass = `
apiVersion: microstaging.dev/v1alpha1
kind: PreviewClass
metadata: {name: lives}
spec:
  domain: preview.example.com
  auth: {mode: None}
  lifecycle: {ttl: 1h, maxTTL: 72h, maxPin: 168h, warnBefore: 1s}
`

// TestLives: whatever is done to a stack, in whatever order, and whichever
// process crashes meanwhile: each step has its effect, and in the end nothing is
// left. COUNT says how many lives are led; SEED leads those of an earlier run
// again, with the same steps. When processes crash within a life is not
// repeated: that takes as long as it takes.
//
// It runs before the scenarios that run at once, which must not be upset.
func TestLives(t *testing.T) {
	count, seed := number(t, "COUNT", lives), uint64(number(t, "SEED", int(time.Now().UnixNano()%1e9)))
	t.Logf("%d lives with SEED=%d", count, seed)
	restartProvider(t, brakeOff...)
	class := newScenario(t)
	class.apply(livesClass)
	t.Cleanup(func() { class.remove(livesClass) })
	crashes := startCrashes(t, rand.New(rand.NewPCG(seed, 0)))
	start := time.Now()
	// A group of its own: it ends when all lives have, also those that wait for
	// their turn.
	t.Run("Led", func(t *testing.T) {
		for i := range count {
			t.Run(fmt.Sprintf("%03d", i), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, uint64(i)+1))
				newLife(t, random).lead(fewest + random.IntN(most-fewest+1))
			})
		}
	})
	t.Logf("%d lives in %s, with %s", count, time.Since(start).Round(time.Second), crashes.stop())
	if t.Failed() {
		t.Logf("lead them again with SEED=%d", seed)
	}
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q, which is not a number: write one such as %d", name, text, otherwise)
	}
	return n
}
