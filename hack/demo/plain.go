// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// A stage of the plain script: what is applied together, and what is waited for
// before the next stage.
type stage struct {
	name   string
	holds  func(*unstructured.Unstructured) bool
	awaits string
}

// stages are the order in which somebody would write down the example: each
// object of a capture goes into the first that holds it.
var stages = []stage{
	{name: "namespace", holds: kinds("Namespace")},
	{name: "base", holds: kinds("ResourceQuota", "LimitRange", "ServiceAccount", "RoleBinding", "NetworkPolicy", "ConfigMap", "Service", "HTTPRoute")},
	{name: "data", holds: kinds("PersistentVolumeClaim")},
	{name: "database and mock", holds: parts("db", "feeds"), awaits: "Available"},
	{name: "migration", holds: kinds("Job"), awaits: "Complete"},
	{name: "web", holds: kinds("Deployment"), awaits: "Available"},
}

func kinds(names ...string) func(*unstructured.Unstructured) bool {
	return func(o *unstructured.Unstructured) bool { return slices.Contains(names, o.GetKind()) }
}

func parts(names ...string) func(*unstructured.Unstructured) bool {
	return func(o *unstructured.Unstructured) bool {
		return o.GetKind() == "Deployment" && slices.Contains(names, o.GetLabels()[v1alpha1.LabelName])
	}
}

// RunPlain makes a capture real with kubectl apply and kubectl wait, stage by
// stage, and returns how long it took until the URL answered: what the same
// environment costs without a claim.
func (p *Place) RunPlain(ctx context.Context, w io.Writer, c Capture) (time.Duration, error) {
	start := time.Now()
	rest := c.objects
	for _, s := range stages {
		var these []*unstructured.Unstructured
		rest = slices.DeleteFunc(slices.Clone(rest), func(o *unstructured.Unstructured) bool {
			if s.holds(o) {
				these = append(these, o)
			}
			return s.holds(o)
		})
		if err := p.runStage(ctx, s, c.Namespace, these); err != nil {
			return 0, fmt.Errorf("cannot run the plain script: %s: %w", s.name, err)
		}
		fmt.Fprintf(w, "%9s  %s\n", seconds(time.Since(start)), s.name)
	}
	if len(rest) > 0 {
		return 0, fmt.Errorf("cannot run the plain script: it has no stage for %s %s", rest[0].GetKind(), rest[0].GetName())
	}
	if _, err := p.Browser().Await(ctx, c.URL, LoginText, stackTimeout); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

func (p *Place) runStage(ctx context.Context, s stage, namespace string, objects []*unstructured.Unstructured) error {
	list := map[string]any{"apiVersion": "v1", "kind": "List", "items": objects}
	manifest, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if _, err := p.Kubectl(ctx, manifest, "apply", "--server-side", "--filename", "-"); err != nil || s.awaits == "" {
		return err
	}
	args := []string{"wait", "--namespace", namespace, "--for=condition=" + s.awaits, "--timeout", stackTimeout.String()}
	for _, o := range objects {
		args = append(args, o.GetKind()+"/"+o.GetName())
	}
	_, err = p.Kubectl(ctx, nil, args...)
	return err
}
