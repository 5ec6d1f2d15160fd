// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package xr

import (
	"errors"
	"fmt"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/internal/desired"
	"github.com/microstaging/preview-stacks/internal/wire"
)

// Respond starts the response to a request: with the desired state and context
// of earlier functions passed on, and no time to live, which means that only a
// change runs the function again. See SetTTL.
func Respond(req *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	return &fnv1.RunFunctionResponse{
		Meta:    &fnv1.ResponseMeta{Tag: req.GetMeta().GetTag()},
		Desired: req.GetDesired(),
		Context: req.GetContext(),
	}
}

// SetTTL makes Crossplane run the pipeline again after a time, give or take a
// tenth. Zero or less: only when something changes. The shortest of all
// functions' times wins.
func SetTTL(rsp *fnv1.RunFunctionResponse, ttl time.Duration) {
	if rsp.GetMeta() == nil {
		rsp.Meta = &fnv1.ResponseMeta{}
	}
	rsp.Meta.Ttl = durationpb.New(max(0, ttl))
}

// reserved are the condition types that Crossplane itself writes. It passes
// over those a function sets, without a word.
var reserved = map[string]bool{"Ready": true, "Synced": true, "Healthy": true, "Responsive": true}

// SetConditions sets conditions on the composite and its claim, replacing those
// of the same type in the response. Their time of transition and observed
// generation are Crossplane's to set.
//
// Conditions are sticky: one that is not set again keeps its last value. So
// set all of a function's own in every response, fatal ones too.
func SetConditions(rsp *fnv1.RunFunctionResponse, conditions ...metav1.Condition) error {
	for _, c := range conditions {
		out, err := condition(c)
		if err != nil {
			return fmt.Errorf("cannot set condition %q: %w", c.Type, err)
		}
		replace(rsp, out)
	}
	return nil
}

func condition(c metav1.Condition) (*fnv1.Condition, error) {
	if c.Type == "" || c.Reason == "" {
		return nil, fmt.Errorf("type is %q and reason is %q: both must be set", c.Type, c.Reason)
	}
	if reserved[c.Type] {
		return nil, errors.New("this type is Crossplane's own")
	}
	out := &fnv1.Condition{Type: c.Type, Reason: c.Reason, Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum()}
	switch c.Status {
	case metav1.ConditionTrue:
		out.Status = fnv1.Status_STATUS_CONDITION_TRUE
	case metav1.ConditionFalse:
		out.Status = fnv1.Status_STATUS_CONDITION_FALSE
	case metav1.ConditionUnknown:
		out.Status = fnv1.Status_STATUS_CONDITION_UNKNOWN
	default:
		return nil, fmt.Errorf("status is %q: want True, False or Unknown", c.Status)
	}
	if c.Message != "" {
		out.Message = ptr.To(c.Message)
	}
	return out, nil
}

func replace(rsp *fnv1.RunFunctionResponse, c *fnv1.Condition) {
	for i, old := range rsp.GetConditions() {
		if old.GetType() == c.GetType() {
			rsp.Conditions[i] = c
			return
		}
	}
	rsp.Conditions = append(rsp.Conditions, c)
}

// Fatal ends the pipeline with an error that the claim's author can see in an
// event. What is running stays, but nothing is applied, no status is written
// and drift is not repaired, until the function succeeds again.
func Fatal(rsp *fnv1.RunFunctionResponse, err error) {
	rsp.Results = append(rsp.Results, &fnv1.Result{
		Severity: fnv1.Severity_SEVERITY_FATAL, Message: err.Error(), Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum(),
	})
}

// SetStatus desires members of the composite's status. The status is a struct
// with JSON tags. Members that an earlier function desired stay, unless this
// status has them too.
//
// Status is applied with full intent: a member that is not desired again is
// removed. So carry on what must persist from the observed status.
func SetStatus(rsp *fnv1.RunFunctionResponse, composite wire.Resource, status any) error {
	v, err := desired.Value(status)
	if err != nil {
		return fmt.Errorf("cannot set status of %s: %w", composite, err)
	}
	if v.GetStructValue() == nil {
		return fmt.Errorf("cannot set status of %s: %T is not an object", composite, status)
	}
	members := desiredComposite(rsp, composite)
	if old := members["status"].GetStructValue(); old != nil {
		for name, m := range v.GetStructValue().GetFields() {
			old.Fields[name] = m
		}
		return nil
	}
	members["status"] = v
	return nil
}

// SetContext leaves a value for later functions of the pipeline under a key: a
// struct with JSON tags, or a text.
func SetContext(rsp *fnv1.RunFunctionResponse, key string, value any) error {
	v, err := desired.Value(value)
	if err != nil {
		return fmt.Errorf("cannot set %q of the pipeline's context: %w", key, err)
	}
	if rsp.GetContext() == nil {
		rsp.Context = &structpb.Struct{}
	}
	set(rsp.GetContext(), key, v)
	return nil
}

// SetReady says whether the composite is ready, in place of Crossplane's own
// rule that it is when all composed resources are.
func SetReady(rsp *fnv1.RunFunctionResponse, composite wire.Resource, ready desired.Readiness) {
	desiredComposite(rsp, composite)
	rsp.GetDesired().GetComposite().Ready = ready
}

// desiredComposite returns the members of the desired composite. It names its
// kind, since functions later in the pipeline may refuse an object without.
func desiredComposite(rsp *fnv1.RunFunctionResponse, composite wire.Resource) map[string]*structpb.Value {
	if rsp.GetDesired() == nil {
		rsp.Desired = &fnv1.State{}
	}
	if rsp.GetDesired().GetComposite() == nil {
		rsp.Desired.Composite = &fnv1.Resource{}
	}
	r := rsp.GetDesired().GetComposite()
	if r.GetResource().GetFields() == nil {
		r.Resource = &structpb.Struct{Fields: map[string]*structpb.Value{
			"apiVersion": structpb.NewStringValue(composite.APIVersion()),
			"kind":       structpb.NewStringValue(composite.Kind()),
		}}
	}
	return r.GetResource().GetFields()
}
