// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	lifecyclev1alpha1 "github.com/microstaging/preview-stacks/apis/lifecycle/v1alpha1"
	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/hack/build"
)

// feedURL is where the mock of the example serves its feed.
const feedURL = "http://feeds:8080/feed.xml"

// platform applies the platform team's side, removes what an earlier run kept,
// and pulls what the stack will run.
func (s *story) platform(ctx context.Context) error {
	example, err := s.place.Example("miniflux")
	if err != nil {
		return err
	}
	if err := s.place.Apply(ctx, example.Platform...); err != nil {
		return err
	}
	s.stack = &Stack{place: s.place, claim: example.Claim}
	if err := s.stack.Delete(ctx, stackTimeout); err != nil {
		return err
	}
	return build.Step(ctx, "pulling images, so that what follows measures no registry", func(ctx context.Context) error {
		return s.place.Pull(ctx, example.Claim.GetNamespace(), s.place.MinifluxImages()...)
	})
}

// claim makes the claim and waits for its URL, then for all of it.
func (s *story) claim(ctx context.Context) error {
	start := time.Now()
	if _, err := s.place.Claim(ctx, s.stack.claim); err != nil {
		return err
	}
	answered := make(chan error, 1)
	go func() { answered <- s.awaitURL(ctx, start) }()
	status, err := s.stack.Await(ctx, s.out, stackTimeout, Ready(Miniflux12))
	if err != nil {
		return err
	}
	if err := <-answered; err != nil {
		return err
	}
	s.miniflux = s.place.Miniflux(status.URL)
	s.say("%s answered with its login page %s after the claim was made", status.URL, seconds(s.claimed))
	s.capture, err = s.stack.Capture(ctx)
	return err
}

// awaitURL measures how long it takes from the claim to its URL answering.
func (s *story) awaitURL(ctx context.Context, start time.Time) error {
	status, err := s.stack.Await(ctx, nil, stackTimeout, func(status v1alpha1.PreviewStackStatus) bool { return status.URL != "" })
	if err != nil {
		return err
	}
	_, err = s.place.Browser().Await(ctx, status.URL, LoginText, stackTimeout)
	s.claimed = time.Since(start)
	return err
}

// use has Miniflux fetch a feed from the mock.
func (s *story) use(ctx context.Context) error {
	start := time.Now()
	if err := s.miniflux.Subscribe(ctx, feedURL); err != nil {
		return err
	}
	entries, err := s.miniflux.Entries(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		s.say("POST /v1/feeds %s, GET /v1/entries: %q from %q, after %s", feedURL, e.Title, e.Feed.Title, seconds(time.Since(start)))
	}
	if len(entries) == 0 {
		return fmt.Errorf("Miniflux has no entries after it subscribed to %s", feedURL)
	}
	return nil
}

// push pushes the next release and watches the URL all the time.
func (s *story) push(ctx context.Context) error {
	before, err := s.tellVersion(ctx, "before")
	if err != nil {
		return err
	}
	stop := s.watch(ctx)
	if err = s.pushAnd(ctx, Miniflux13, Ready(Miniflux13)); err == nil {
		// The watch goes on until the new one is what the gateway leads to.
		_, err = s.place.Browser().Await(ctx, s.miniflux.VersionURL(), "2.2.13", stackTimeout)
	}
	watch := stop()
	if err != nil {
		return err
	}
	after, err := s.tellVersion(ctx, "after")
	if err != nil {
		return err
	}
	if before == after {
		return fmt.Errorf("the push migrated nothing: the schema's version is %s, as before", after)
	}
	return s.tellWatch(watch)
}

// neverBuilt is a commit that nobody pushed an image for.
const neverBuilt = "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"

// pushMissing pushes a commit without image, then goes back.
func (s *story) pushMissing(ctx context.Context) error {
	stop := s.watch(ctx)
	err := s.pushAnd(ctx, neverBuilt, tells(neverBuilt[:7]))
	if err == nil {
		s.say("going back to %s", Miniflux13[:7])
		err = s.pushAnd(ctx, Miniflux13, Ready(Miniflux13))
	}
	watch := stop()
	if err != nil {
		return err
	}
	return s.tellWatch(watch)
}

// pushBroken pushes a setting that Miniflux refuses to start with, then takes it
// back.
func (s *story) pushBroken(ctx context.Context) error {
	stop := s.watch(ctx)
	broken := map[string]any{"web": map[string]any{"env": map[string]any{"DATABASE_MAX_CONNS": "many"}}}
	err := s.setAnd(ctx, broken, tells("DATABASE_MAX_CONNS"))
	if err == nil {
		s.say("taking it back")
		err = s.setAnd(ctx, nil, Ready(Miniflux13))
	}
	watch := stop()
	if err != nil {
		return err
	}
	return s.tellWatch(watch)
}

// tells is true once the detail names something and the stack is not ready.
func tells(text string) func(v1alpha1.PreviewStackStatus) bool {
	return func(s v1alpha1.PreviewStackStatus) bool {
		return s.Phase != v1alpha1.PhaseReady && strings.Contains(s.Detail, text)
	}
}

func (s *story) pushAnd(ctx context.Context, revision string, wanted func(v1alpha1.PreviewStackStatus) bool) error {
	if err := s.stack.Push(ctx, revision); err != nil {
		return err
	}
	_, err := s.stack.Await(ctx, s.out, stackTimeout, wanted)
	return err
}

// setAnd sets what the claim says about services beyond its blueprint; nil is
// nothing.
func (s *story) setAnd(ctx context.Context, services map[string]any, wanted func(v1alpha1.PreviewStackStatus) bool) error {
	if err := s.stack.Patch(ctx, map[string]any{"spec": map[string]any{"services": services}}); err != nil {
		return err
	}
	_, err := s.stack.Await(ctx, s.out, stackTimeout, wanted)
	return err
}

func (s *story) watch(ctx context.Context) func() Watch {
	return s.place.Browser().Watch(ctx, s.miniflux.URL, s.miniflux.VersionURL())
}

func (s *story) tellWatch(w Watch) error {
	var versions []string
	for _, version := range slices.Sorted(maps.Keys(w.Versions)) {
		versions = append(versions, fmt.Sprintf("%s answered %d times", version, w.Versions[version]))
	}
	s.say("meanwhile %d requests to the URL, %d failed; %s", w.Requests, w.Failed, strings.Join(versions, ", "))
	if w.FirstFailure != nil {
		return fmt.Errorf("the URL did not answer all the time: %w", w.FirstFailure)
	}
	return nil
}

// tellVersion says which Miniflux answers, and returns the version of its schema.
func (s *story) tellVersion(ctx context.Context, when string) (string, error) {
	version, err := s.miniflux.Version(ctx)
	if err != nil {
		return "", err
	}
	status, err := s.stack.Status(ctx)
	if err != nil {
		return "", err
	}
	schema, err := s.miniflux.Schema(ctx, status.Namespace)
	if err != nil {
		return "", err
	}
	s.say("%s: Miniflux %s (commit %s), version of the database's schema %s", when, version.Version, version.Commit, schema)
	return schema, nil
}

// remove deletes the claim and looks everywhere for what is left.
func (s *story) remove(ctx context.Context) error {
	start := time.Now()
	if err := s.stack.Delete(ctx, stackTimeout); err != nil {
		return err
	}
	s.say("claim, composite and namespace were gone after %s", seconds(time.Since(start)))
	found, err := s.place.AwaitNothing(ctx, strings.TrimPrefix(s.capture.Namespace, plainPrefix), stackTimeout)
	if err != nil {
		return err
	}
	s.say("looked through all %d kinds of the cluster, and for volumes: nothing is left, %s after the claim was deleted", found.Kinds, seconds(time.Since(start)))
	return s.tellReceipt(ctx, lifecyclev1alpha1.ReceiptDeleted)
}

// plain runs the plain script, and removes what it made, now or in an earlier
// run that was killed.
func (s *story) plain(ctx context.Context) (time.Duration, error) {
	if err := s.removePlain(ctx); err != nil {
		return 0, err
	}
	took, err := s.place.RunPlain(ctx, s.out, s.capture)
	if err != nil {
		return 0, err
	}
	s.say("%s answered %s after the script was started", s.capture.URL, seconds(took))
	return took, s.removePlain(ctx)
}

func (s *story) removePlain(ctx context.Context) error {
	_, err := s.place.Kubectl(ctx, nil, "delete", "namespace", s.capture.Namespace, "--ignore-not-found")
	return err
}

// tryThis says what to do with what was kept.
func (s *story) tryThis(ctx context.Context) error {
	status, err := s.stack.Status(ctx)
	if err != nil {
		return err
	}
	s.title("Your turn")
	s.say("open %s and log in as admin / test123", status.URL)
	if s.place.kubeconfig != "" {
		kubectl, err := build.Tool(ctx, "kubectl")
		if err != nil {
			return err
		}
		s.say("export KUBECONFIG=%s\nalias kubectl=%s", s.place.kubeconfig, kubectl)
	}
	s.say("kubectl get previewstacks --all-namespaces")
	s.say("kubectl get pods --namespace %s", status.Namespace)
	s.say("kubectl delete previewstack --namespace %s %s", s.stack.claim.GetNamespace(), s.stack.claim.GetName())
	if s.place.kubeconfig != "" {
		s.say("make cluster-down")
	}
	return nil
}
