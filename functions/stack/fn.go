// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/emit"
	"github.com/microstaging/preview-stacks/internal/expand"
	"github.com/microstaging/preview-stacks/internal/gate"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/progress"
	"github.com/microstaging/preview-stacks/internal/stack"
	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/xr"
)

// How soon to look again although nothing changed. A run by time gets past an
// open circuit breaker, which drops the events that would have caused one: it
// is what a stack whose events were lost converges by. Real pods, with their
// volumes and quotas, make enough events to open it while a stack of twenty
// objects comes up, and each step of such a stack would wait for its next run.
const (
	ttlWaking   = time.Second
	ttlStarting = 2 * time.Second
	ttlMoving   = 5 * time.Second
	ttlDeaf     = xr.DeafTTL
	ttlUnderWay = 30 * time.Second
	ttlFailed   = 5 * time.Minute
	ttlReady    = time.Hour
)

// startup is how long somebody may sit and wait for a stack that is new, or that
// wakes.
const startup = time.Minute

// patience is how long a stack may take to come up before its pods are asked
// why it is not up. Each change of a pod that was asked for is an event, and
// the events of a start would open the circuit breaker before the first step
// is through.
const patience = 15 * time.Second

// A Function expands preview stacks. It keeps nothing between calls.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	log logging.Logger
	now func() time.Time
}

// A run is one call of the function: what was observed, and the answer.
type run struct {
	gathering

	composite wire.Resource
	stack     v1alpha1.XPreviewStack
	observed  *wire.Observed
	identity  names.Identity

	// now, and for how long the stack had lived then: since it was made, or came
	// back.
	now time.Time
	age time.Duration
}

// RunFunction reads what there is, decides what should be, and writes it.
func (f *Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	r, err := read(req)
	if err != nil {
		rsp := xr.Respond(req)
		xr.Fatal(rsp, err)
		return rsp, nil
	}
	r.now = f.now()
	r.age = r.now.Sub(r.bornAt())
	if r.retired() {
		if err := r.rest(); err != nil {
			xr.Fatal(r.rsp, err)
		}
		return r.rsp, nil
	}
	s, problems := r.resolve()
	switch {
	case r.open:
	case len(problems) > 0:
		f.log.Info("Refused", "namespace", r.identity.Namespace(), "claim", r.identity.ClaimName, "reason", problems.Reason())
		err = r.refuse(problems)
	default:
		err = r.apply(s)
	}
	if err != nil {
		xr.Fatal(r.rsp, err)
	}
	if !r.open {
		f.log.Debug("Decided", "namespace", r.identity.ClaimNamespace, "claim", r.identity.ClaimName, "ttl", r.rsp.GetMeta().GetTtl().AsDuration().String())
	}
	return r.rsp, nil
}

func read(req *fnv1.RunFunctionRequest) (*run, error) {
	observed, err := wire.Observe(req)
	if err != nil {
		return nil, fmt.Errorf("cannot read observed state: %w", err)
	}
	required, err := wire.Required(req)
	if err != nil {
		return nil, fmt.Errorf("cannot read required resources: %w", err)
	}
	r := &run{
		gathering: gathering{rsp: xr.Respond(req), required: required},
		composite: observed.Composite,
		observed:  observed,
	}
	if err := r.composite.Decode(&r.stack, "spec", "status"); err != nil {
		return nil, fmt.Errorf("cannot read composite: %w", err)
	}
	claim := xr.ClaimOf(r.composite)
	r.identity = names.Identity{ClaimNamespace: claim.Namespace, ClaimName: cmp.Or(claim.Name, r.composite.Name())}
	return r, nil
}

// rules asks for class and blueprint.
func (r *run) rules() (v1alpha1.PreviewClass, *v1alpha1.PreviewBlueprint, stack.Problems) {
	class, problems := r.class(r.stack.Spec.ClassRef)
	blueprint, more := r.blueprint(r.stack.Spec.BlueprintRef, r.stack.Status.Blueprint)
	return class, blueprint, append(problems, more...)
}

// resolve asks for class, blueprint and ConfigMaps, and makes a stack of them
// once they came.
func (r *run) resolve() (*stack.Stack, stack.Problems) {
	spec, status := r.stack.Spec, r.stack.Status
	class, blueprint, problems := r.rules()
	if r.open || len(problems) > 0 {
		return nil, problems
	}
	configMaps, problems := r.configMaps(r.identity.ClaimNamespace, stack.ConfigMapNames(spec, blueprint))
	if r.open || len(problems) > 0 {
		return nil, problems
	}
	return stack.Resolve(stack.Input{
		Identity: r.identity, Spec: spec, Class: class, Blueprint: blueprint,
		Target: status.Target, ConfigMaps: configMaps,
		Intercepted: r.observed.Has(expand.SleepSwitchKey),
	})
}

// bornAt is when the stack was made, or came back after it had expired: then
// somebody waits for it as for a new one.
func (r *run) bornAt() time.Time {
	born := r.composite.CreatedAt()
	c := meta.FindStatusCondition(r.stack.Status.Conditions, v1alpha1.ConditionExpired)
	if c != nil && c.Status == metav1.ConditionFalse && c.LastTransitionTime.After(born) {
		return c.LastTransitionTime.Time
	}
	return born
}

// retired tells whether function-ttl has retired the stack: then nothing of it
// is wanted until that function takes its word back.
func (r *run) retired() bool {
	life := r.stack.Status.Lifetime
	return life != nil && life.RetiredAt != ""
}

// rest desires nothing of a stack that is retired. Its class and blueprint are
// asked for all the same: they say how long it lives once it is extended. While
// they cannot be had, function-ttl leaves it as it is.
func (r *run) rest() error {
	class, blueprint, problems := r.rules()
	if r.open {
		return nil
	}
	if len(problems) == 0 {
		if err := xr.SetContext(r.rsp, v1alpha1.ContextLifetime, stack.Lifetime(r.stack.Spec, class, blueprint)); err != nil {
			return err
		}
	}
	return r.write(progress.Retire(r.stack.Status), ttlReady)
}

// refuse explains why nothing is done. Of a live stack nothing may be lost
// because of it: only a fatal answer keeps all that exists, as what there is
// cannot be desired again without knowing what it should be. A stack whose time
// is up must end all the same: there function-ttl, which comes later, is told,
// and gives the fatal answer unless it does end.
func (r *run) refuse(problems stack.Problems) error {
	live := gate.Live(r.observed.Keys())
	report := progress.Refuse(problems, r.stack.Status, r.composite.CreatedAt(), live)
	if err := r.write(report, ttlUnderWay); err != nil {
		return err
	}
	switch {
	case live && r.due():
		return xr.SetContext(r.rsp, v1alpha1.ContextRefused, problems.Error())
	case live:
		return problems
	}
	return nil
}

// due tells whether the keeper of the time says that the stack's is up.
func (r *run) due() bool { return r.observed.Get(gate.LeaseKey).Get("status", "due").Bool() }

// apply desires what the stack needs now and says how it stands.
func (r *run) apply(s *stack.Stack) error {
	credentials, err := r.credentials(s)
	if err != nil {
		return err
	}
	objects, way, lacking := r.route(s, expand.Expand(s, credentials))
	rest, err := r.sleep(s, objects, way)
	if err != nil {
		return err
	}
	world := r.world(s, objects)
	world.Asleep = rest.Asleep
	decision := gate.Decide(s, objects, world)
	diagnoses, err := r.diagnoses(s, decision)
	if err != nil || r.open {
		return err
	}
	for _, o := range decision.Desired {
		state := decision.Health[o.Key]
		ready := desired.ReadyIf(state.Ready() || state.Reason == v1alpha1.ReasonAsleep)
		if err := desired.Set(r.rsp, o.Key, emit.Emit(o, s.Identity, s.Target).Object, ready); err != nil {
			return fmt.Errorf("cannot desire %s: %w", o.Key, err)
		}
	}
	if err := xr.SetContext(r.rsp, v1alpha1.ContextLifetime, s.Lifetime); err != nil {
		return err
	}
	report := progress.Make(progress.Input{
		Stack: s, Decision: decision, Diagnoses: diagnoses,
		Previous: r.stack.Status, CreatedAt: r.composite.CreatedAt(), Young: r.age < patience,
		Sleep: rest, NoScaler: lacking, Waking: !rest.Asleep && r.waking(startup),
	})
	return r.write(report, r.until(rest.Next, r.ttl(report)))
}

// credentials are the versions that databases and secrets stand at.
func (r *run) credentials(s *stack.Stack) (map[string]int64, error) {
	versions := map[string]int64{}
	read := func(key string) error {
		var managed struct {
			Status struct {
				CredentialsVersion int64 `json:"credentialsVersion"`
			} `json:"status"`
		}
		if err := r.observed.Get(key).Decode(&managed, "status.credentialsVersion"); err != nil {
			return fmt.Errorf("cannot read %s: %w", key, err)
		}
		versions[key] = managed.Status.CredentialsVersion
		return nil
	}
	for _, d := range s.Databases {
		if err := read(expand.DatabaseKey(d.Name)); err != nil {
			return nil, err
		}
	}
	for _, sec := range s.Secrets {
		if err := read(expand.SecretKey(sec.Name)); err != nil {
			return nil, err
		}
	}
	return versions, nil
}

// world tells the gate what exists. It asks for the definitions of optional
// kinds that are not in use yet.
func (r *run) world(s *stack.Stack, objects []expand.Object) gate.World {
	inUse := map[string]bool{}
	var needed []string
	for i, o := range objects {
		crd := emit.Emit(o, s.Identity, s.Target).NeedsCRD
		objects[i].NeedsCRD = crd
		if crd == "" {
			continue
		}
		needed = append(needed, crd)
		inUse[crd] = inUse[crd] || r.observed.Has(o.Key)
	}
	kinds := r.kinds(needed, inUse)
	return gate.World{
		HasKind:  func(crd string) bool { return kinds[crd] },
		Observed: r.see,
	}
}

// see returns what is observed under a key.
func (r *run) see(key string) (health.Observed, bool) {
	o := r.observed.Get(key)
	return o, o.Exists()
}

// diagnoses explains from the pods what is not ready, once there is something to
// explain. Those of a remote cluster cannot be asked for.
func (r *run) diagnoses(s *stack.Stack, d gate.Decision) (map[stack.Part]health.Diagnosis, error) {
	if s.Target.Mode == v1alpha1.TargetObjects || !progress.NeedsPods(d, r.age < patience || r.waking(patience)) {
		return nil, nil
	}
	pods, err := r.pods(s.Identity)
	if err != nil {
		return nil, err
	}
	return health.Diagnose(pods), nil
}

func (r *run) ttl(report progress.Report) time.Duration {
	switch {
	case report.Moving && r.waking(startup):
		// A request is held until all that it needs has started, one after the
		// other.
		return ttlWaking
	case report.Moving && r.age < startup:
		return ttlStarting
	case report.Moving:
		return ttlMoving
	case !report.Converged:
		return ttlUnderWay
	case report.Status.Phase != r.stack.Status.Phase:
		// The very news may have opened the circuit breaker.
		return ttlDeaf
	case report.Status.Phase == v1alpha1.PhaseReady, report.Status.Phase == v1alpha1.PhaseAsleep:
		return ttlReady
	}
	return ttlFailed
}

// write puts a report into the answer: all conditions in every answer, as they
// stick, and all of the status, as what is left out is removed.
func (r *run) write(report progress.Report, ttl time.Duration) error {
	xr.SetReady(r.rsp, r.composite, desired.ReadyIf(ready(report)))
	if xr.Deaf(r.composite, r.now) {
		ttl = min(ttl, ttlDeaf)
	}
	xr.SetTTL(r.rsp, ttl)
	if err := xr.SetConditions(r.rsp, report.Conditions...); err != nil {
		return err
	}
	return xr.SetStatus(r.rsp, r.composite, report.Status)
}

func ready(report progress.Report) bool {
	for _, c := range report.Conditions {
		if c.Status != "True" {
			return false
		}
	}
	return report.Status.Phase == v1alpha1.PhaseReady || report.Status.Phase == v1alpha1.PhaseAsleep
}
