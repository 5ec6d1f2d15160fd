// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane_test

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A step is something that is done to a stack, and the wait for its effect.
type step struct {
	name string
	can  func(*life) bool
	take func(*life)
}

var (
	creating = step{"create", func(l *life) bool { return !l.there }, (*life).create}
	deleting = step{"delete", func(l *life) bool { return l.there }, (*life).delete}
)

// allSteps may be taken in any order that makes sense.
var allSteps = []step{
	creating,
	deleting,
	{"push", alive, (*life).pushRevision},
	{"extend", alive, (*life).extend},
	{"pin", func(l *life) bool { return alive(l) && !l.pinned }, (*life).pin},
	{"unpin", func(l *life) bool { return alive(l) && l.pinned }, (*life).unpin},
	{"sleep", func(l *life) bool { return alive(l) && !l.asleep }, (*life).sleep},
	{"wake", func(l *life) bool { return alive(l) && l.asleep }, (*life).wake},
	{"recreate", alive, (*life).recreate},
	{"delete its namespace", alive, (*life).loseNamespace},
	{"let expire", alive, (*life).expire},
	{"restore by extending", over, (*life).extend},
	{"restore by a push", over, (*life).pushRevision},
}

func alive(l *life) bool { return l.there && !l.expired }

func over(l *life) bool { return l.there && l.expired }

// create makes a claim that knows no commands yet.
func (l *life) create() {
	l.there, l.expired, l.pinned, l.asleep = true, false, false, false
	l.ttl, l.until = "1h", time.Time{}
	l.revision++
	l.push()
	l.awaitAlive("comes up", nothingElse)
}

func nothingElse(stack) error { return nil }

// pushRevision pushes the next revision, which is activity: a stack that was
// over is back.
func (l *life) pushRevision() {
	l.expired, l.ttl = false, "1h"
	l.revision++
	l.push()
	l.awaitAlive("has the next revision", func(got stack) error {
		d, err := get(l.t.Context(), got, "worker", &appsv1.Deployment{})
		if err != nil {
			// One that is made anew while it sleeps has none before it wakes.
			return l.unlessAsleep(err)
		}
		return equal("image", "registry.example.com/shop/worker:"+l.commit()[:7], d.Spec.Template.Spec.Containers[0].Image)
	})
}

func (l *life) unlessAsleep(err error) error {
	if l.asleep {
		return client.IgnoreNotFound(err)
	}
	return err
}

// extend moves the deadline to a time that is further than any TTL; a stack that
// was over is back.
func (l *life) extend() {
	l.expired = false
	l.until = time.Now().Add(2*time.Hour + time.Duration(l.random.IntN(3600))*time.Second).Truncate(time.Second)
	l.command(map[string]string{v1alpha1.AnnotationExtendUntil: l.until.Format(time.RFC3339)})
	l.awaitAlive("is extended", nothingElse)
}

func (l *life) pin() {
	l.pinned = true
	l.command(map[string]string{v1alpha1.AnnotationPinned: "true"})
	l.awaitAlive("is pinned", nothingElse)
}

// unpin gives the deadline back that the stack has without the pin.
func (l *life) unpin() {
	l.pinned = false
	l.command(map[string]string{v1alpha1.AnnotationPinned: ""})
	l.awaitAlive("is not pinned any more", nothingElse)
}

func (l *life) sleep() {
	l.asleep = true
	l.command(map[string]string{v1alpha1.AnnotationSleep: time.Now().Format(time.RFC3339Nano)})
	l.awaitAlive("sleeps", func(got stack) error {
		pods, err := podsOf(l.t.Context(), got, "worker")
		if err != nil {
			return err
		}
		return equal("pods", 0, len(pods))
	})
}

func (l *life) wake() {
	l.asleep = false
	l.command(map[string]string{v1alpha1.AnnotationWake: time.Now().Format(time.RFC3339Nano)})
	l.awaitAlive("wakes", nothingElse)
}

// recreate makes the stack anew, with nothing kept but its name.
func (l *life) recreate() {
	before := l.composedOnce()
	l.command(map[string]string{v1alpha1.AnnotationRecreate: time.Now().Format(time.RFC3339Nano)})
	l.awaitAlive("is made anew", l.isFresh(before))
}

// loseNamespace has somebody delete the namespace of a living stack.
func (l *life) loseNamespace() {
	before := l.composedOnce()
	namespace := &corev1.Namespace{}
	namespace.Name = l.was.Status.Namespace
	uid := before["Namespace/"+namespace.Name]
	l.insist("the namespace is deleted", func(ctx context.Context) error {
		// Not a second time, should the first answer have been lost.
		err := shared.Delete(ctx, namespace, client.Preconditions{UID: &uid})
		if apierrors.IsConflict(err) {
			return nil
		}
		return client.IgnoreNotFound(err)
	})
	l.awaitAlive("is rebuilt", l.isFresh(before))
}

// expire has the deadline pass: with no command to hold it, and a TTL that is
// over.
func (l *life) expire() {
	l.expired, l.pinned, l.until, l.ttl = true, false, time.Time{}, "1s"
	l.command(map[string]string{v1alpha1.AnnotationPinned: "", v1alpha1.AnnotationExtendUntil: ""})
	l.push()
	l.await("is Expired", isExpired)
	l.leavesNothing(onlyLease)
	l.proves("Retired")
}

// delete ends the claim and with it the stack.
func (l *life) delete() {
	l.there = false
	l.remove()
	l.insist("the claim is gone", l.isGone)
	l.leavesNothing(nothingAtAll)
	l.proves("Deleted")
}
