// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/microstaging/preview-stacks/internal/wire"
	"github.com/microstaging/preview-stacks/internal/wire/wiretest"
)

func object(t testing.TB, text string) *structpb.Struct {
	t.Helper()
	s := &structpb.Struct{}
	if err := json.Unmarshal([]byte(text), s); err != nil {
		t.Fatal(err)
	}
	return s
}

// request is as Crossplane sends it, with n Deployments observed.
func request(t testing.TB, n int) *fnv1.RunFunctionRequest {
	t.Helper()
	first := &fnv1.RunFunctionRequest{
		Meta:     &fnv1.RequestMeta{Tag: "t", Capabilities: []fnv1.Capability{fnv1.Capability_CAPABILITY_CONDITIONS}},
		Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: object(t, `{"apiVersion": "microstaging.dev/v1alpha1", "kind": "XPreviewStack", "metadata": {"name": "shop", "labels": {"crossplane.io/claim-name": "shop"}}, "spec": {"services": {"web": {"image": "web:1"}}}}`)}},
		Input:    object(t, `{"kind": "Input"}`),
		Context:  object(t, `{"a": [1, null, {"b": true}]}`),
		Credentials: map[string]*fnv1.Credentials{"c": {Source: &fnv1.Credentials_CredentialData{
			CredentialData: &fnv1.CredentialData{Data: map[string][]byte{"k": {0, 1}}},
		}}},
		RequiredResources: map[string]*fnv1.Resources{
			"class":   {Items: []*fnv1.Resource{{Resource: object(t, `{"kind": "PreviewClass", "metadata": {"name": "standard", "generation": 3}}`)}}},
			"missing": {},
		},
		RequiredSchemas: map[string]*fnv1.Schema{"s": {OpenapiV3: object(t, `{"type": "object"}`)}},
	}
	rsp := &fnv1.RunFunctionResponse{Desired: &fnv1.State{Resources: map[string]*fnv1.Resource{}}}
	for i := range n {
		rsp.Desired.Resources[fmt.Sprintf("web-%d", i)] = &fnv1.Resource{Resource: object(t, fmt.Sprintf(`{
			"apiVersion": "apps/v1", "kind": "Deployment",
			"metadata": {"name": "web-%d", "namespace": "shop", "annotations": {"note": "line\n\"quoted\" \u2028 <b>"}},
			"spec": {"replicas": 2, "paused": false, "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}}}`, i))}
	}
	req := wiretest.Next(first, rsp)
	for _, r := range req.GetObserved().GetResources() {
		r.ConnectionDetails = map[string][]byte{"password": []byte("p")}
	}
	req.Desired = &fnv1.State{Resources: map[string]*fnv1.Resource{"earlier": {Resource: object(t, `{"kind": "ConfigMap"}`), Ready: fnv1.Ready_READY_TRUE}}}
	return req
}

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lazy(t testing.TB, b []byte) *fnv1.RunFunctionRequest {
	t.Helper()
	req := &fnv1.RunFunctionRequest{}
	if err := wire.Unmarshal(b, req); err != nil {
		t.Fatal(err)
	}
	return req
}

func TestUnmarshalLosesNothing(t *testing.T) {
	state := request(t, 2).GetObserved()
	half := func(keys ...string) *fnv1.RunFunctionRequest {
		s := &fnv1.State{Resources: map[string]*fnv1.Resource{}}
		for _, k := range keys {
			s.Resources[k] = state.GetResources()[k]
		}
		return &fnv1.RunFunctionRequest{Observed: s}
	}
	cases := map[string]struct {
		reason string
		wire   []byte
	}{
		"Empty":       {reason: "An empty message is a valid request."},
		"NoObserved":  {reason: "Operations observe nothing.", wire: marshal(t, &fnv1.RunFunctionRequest{Meta: &fnv1.RequestMeta{Tag: "t"}})},
		"EmptyState":  {reason: "An empty state is not the same as none.", wire: marshal(t, &fnv1.RunFunctionRequest{Observed: &fnv1.State{}})},
		"Full":        {reason: "Every field comes through.", wire: marshal(t, request(t, 3))},
		"SplitState":  {reason: "A field that comes twice is merged, as protobuf demands.", wire: append(marshal(t, half("web-0")), marshal(t, half("web-1"))...)},
		"Interleaved": {reason: "Fields may come in any order.", wire: append(append(marshal(t, half("web-1")), marshal(t, &fnv1.RunFunctionRequest{Meta: &fnv1.RequestMeta{Tag: "t"}})...), marshal(t, request(t, 1))...)},
		"Unknown":     {reason: "Fields of a newer Crossplane are kept.", wire: protowire.AppendVarint(protowire.AppendTag(marshal(t, request(t, 1)), 99, protowire.VarintType), 7)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := &fnv1.RunFunctionRequest{}
			if err := proto.Unmarshal(tc.wire, want); err != nil {
				t.Fatal(err)
			}
			got := &fnv1.RunFunctionRequest{}
			if err := proto.Unmarshal(marshal(t, lazy(t, tc.wire)), got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s\nUnmarshal(...): -plain codec, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUnmarshalRefusesWhatIsMalformed(t *testing.T) {
	full := marshal(t, request(t, 1))
	for name, b := range map[string][]byte{"Truncated": full[:len(full)-1], "BadTag": {0xff}, "BadMeta": {0x0a, 0x01, 0xff}} {
		t.Run(name, func(t *testing.T) {
			if err := wire.Unmarshal(b, &fnv1.RunFunctionRequest{}); err == nil {
				t.Error("Unmarshal(...): want an error")
			}
		})
	}
}

// A codec is used as gRPC does: in pieces, for any message.
func TestCodec(t *testing.T) {
	b := marshal(t, request(t, 1))
	got := &fnv1.RunFunctionRequest{}
	pieces := mem.BufferSlice{mem.SliceBuffer(b[:10]), mem.SliceBuffer(b[10:])}
	if err := wire.Codec().Unmarshal(pieces, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lazy(t, b), got, protocmp.Transform()); diff != "" {
		t.Errorf("Codec().Unmarshal(...): -want, +got:\n%s", diff)
	}
	rsp := &fnv1.RunFunctionResponse{Context: object(t, `{"a": 1}`)}
	data, err := wire.Codec().Marshal(rsp)
	if err != nil {
		t.Fatal(err)
	}
	back := &fnv1.RunFunctionResponse{}
	if err := wire.Codec().Unmarshal(data, back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rsp, back, protocmp.Transform()); diff != "" {
		t.Errorf("Codec(): other messages: -want, +got:\n%s", diff)
	}
}

// Both kinds of request must read the same: functions are tested with one and
// run with the other.
func TestViewsOfPlainAndLazyRequestsAgree(t *testing.T) {
	plain := request(t, 12)
	for name, req := range map[string]*fnv1.RunFunctionRequest{"Plain": plain, "Lazy": lazy(t, marshal(t, plain))} {
		t.Run(name, func(t *testing.T) {
			o, err := wire.Observe(req)
			if err != nil {
				t.Fatal(err)
			}
			if o.Len() != 12 || !slices.IsSorted(o.Keys()) || !o.Has("web-3") || o.Has("nope") {
				t.Errorf("Observe(...): keys %v", o.Keys())
			}
			checkObserved(t, o, plain)
		})
	}
}

func checkObserved(t *testing.T, o *wire.Observed, plain *fnv1.RunFunctionRequest) {
	t.Helper()
	for key, r := range o.All() {
		got, err := r.Struct()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain.GetObserved().GetResources()[key].GetResource(), got, protocmp.Transform()); diff != "" {
			t.Errorf("Struct() of %s: -want, +got:\n%s", key, diff)
		}
		details, err := r.ConnectionDetails()
		if err != nil || string(details["password"]) != "p" {
			t.Errorf("ConnectionDetails() of %s: %v, %v", key, details, err)
		}
		want := plain.GetObserved().GetResources()[key].GetResource().AsMap()
		delete(want["metadata"].(map[string]any), "managedFields") //nolint:forcetypeassert // It is an object.
		text, _ := json.Marshal(want)
		wantAll := map[string]any{}
		_ = json.Unmarshal(text, &wantAll)
		gotAll := map[string]any{}
		if err := r.Decode(&gotAll); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantAll, floats(gotAll)); diff != "" {
			t.Errorf("Decode(...) of %s: -want, +got:\n%s", key, diff)
		}
	}
	if o.Composite.Label("crossplane.io/claim-name") != "shop" || o.Composite.Kind() != "XPreviewStack" {
		t.Errorf("Observe(...): composite is %s", o.Composite)
	}
}

// floats undoes the decoder's distinction of integers.
func floats(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = floats(e)
		}
	case []any:
		for i, e := range v {
			v[i] = floats(e)
		}
	case int64:
		return float64(v)
	}
	return v
}

func TestResourceDecode(t *testing.T) {
	o, err := wire.Observe(lazy(t, marshal(t, request(t, 1))))
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		name                string
		replicas, available int32
		containers          int
		managed             int
	}
	cases := map[string]struct {
		reason  string
		key     string
		members []string
		want    want
	}{
		"All": {
			reason: "Without members everything is decoded but the managed fields.",
			key:    "web-0",
			want:   want{name: "web-0", replicas: 2, available: 2, containers: 1},
		},
		"Status": {
			reason:  "Only the named member is decoded.",
			key:     "web-0",
			members: []string{"status"},
			want:    want{available: 2},
		},
		"MetadataNeverManagedFields": {
			reason:  "Nobody reads managed fields, and they are the bulk of the object.",
			key:     "web-0",
			members: []string{"metadata"},
			want:    want{name: "web-0"},
		},
		"Paths": {
			reason:  "Members are reached through several levels.",
			key:     "web-0",
			members: []string{"spec.replicas", "spec.template.spec.containers", "metadata.name"},
			want:    want{name: "web-0", replicas: 2, containers: 1},
		},
		"Absent": {
			reason:  "A member that is not there decodes to nothing.",
			key:     "web-0",
			members: []string{"data", "spec.nope.deeper"},
		},
		"NoResource": {
			reason: "A resource that does not exist decodes to nothing.",
			key:    "nope",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := &appsv1.Deployment{}
			if err := o.Get(tc.key).Decode(d, tc.members...); err != nil {
				t.Fatal(err)
			}
			got := want{name: d.Name, available: d.Status.AvailableReplicas, containers: len(d.Spec.Template.Spec.Containers), managed: len(d.ManagedFields)}
			if d.Spec.Replicas != nil {
				got.replicas = *d.Spec.Replicas
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Errorf("%s\nDecode(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestValue(t *testing.T) {
	r, err := wire.FromStruct(object(t, `{
		"kind": "K", "big": 1e15, "half": 0.5, "tiny": 1e-9, "yes": true, "no": false, "null": null, "empty": "",
		"list": ["a", {"b": "c"}, 3], "map": {"s": "t", "n": 1},
		"metadata": {"name": "n", "generation": 7, "creationTimestamp": "2026-03-04T05:06:07Z", "deletionTimestamp": "2026-03-04T05:06:08Z", "labels": {"a.b/c": "d"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for v := range r.Get("list").Items() {
		texts = append(texts, v.Text()+v.Get("b").Text())
	}
	got := map[string]any{
		"big": r.Get("big").Int(), "half": r.Get("half").Float(), "yes": r.Get("yes").Bool(), "no": r.Get("no").Bool(),
		"null": r.Get("null").Exists(), "nope": r.Get("nope").Exists(), "through": r.Get("kind", "x", "y").Exists(),
		"wrongType": r.Get("yes").Text(), "rootText": r.Get().Text(), "texts": texts, "map": r.Get("map").StringMap(), "label": r.Label("a.b/c"),
		"labels": r.Labels(), "annotations": r.Annotations(), "generation": r.Generation(), "deleting": r.Deleting(), "year": r.CreatedAt().Year(), "string": r.String(),
		"zero": wire.Resource{}.String(), "zeroName": wire.Resource{}.Name(), "exists": wire.Resource{}.Exists(),
	}
	want := map[string]any{
		"big": int64(1e15), "half": 0.5, "yes": true, "no": false,
		"null": true, "nope": false, "through": false,
		"wrongType": "", "rootText": "", "texts": []string{"a", "c", ""}, "map": map[string]string{"s": "t"}, "label": "d",
		"labels": map[string]string{"a.b/c": "d"}, "annotations": map[string]string(nil), "generation": int64(7), "deleting": true, "year": 2026, "string": "K n",
		"zero": "nothing", "zeroName": "", "exists": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Get(...): -want, +got:\n%s", diff)
	}
}

func TestDecodeRefusesEndlessNesting(t *testing.T) {
	v := structpb.NewNullValue()
	for range 9990 {
		v = structpb.NewListValue(&structpb.ListValue{Values: []*structpb.Value{v}})
	}
	// Deeper than protobuf itself would make it: wrapped by hand.
	b := marshal(t, v)
	for range 100 {
		list := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), b)
		b = protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), list)
	}
	nest := func(number protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
	}
	entry := append(nest(1, []byte("spec")), nest(2, b)...)
	composite := nest(1, nest(1, entry))
	o, err := wire.Observe(lazy(t, nest(2, nest(1, composite))))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Composite.Decode(&map[string]any{}); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("Decode(...): values nested more than 10,000 deep: got %v", err)
	}
}

func TestRequired(t *testing.T) {
	plain := request(t, 0)
	for name, req := range map[string]*fnv1.RunFunctionRequest{"Plain": plain, "Lazy": lazy(t, marshal(t, plain))} {
		t.Run(name, func(t *testing.T) {
			rr, err := wire.Required(req)
			if err != nil {
				t.Fatal(err)
			}
			class, answered := rr.One("class")
			if !answered || class.Name() != "standard" || class.Generation() != 3 {
				t.Errorf(`One("class"): %s, answered: %t`, class, answered)
			}
			if none, answered := rr.One("missing"); !answered || none.Exists() {
				t.Errorf(`One("missing"): %s, answered: %t`, none, answered)
			}
			if items, answered := rr.Get("unasked"); answered || len(items) != 0 {
				t.Errorf(`Get("unasked"): %v, answered: %t`, items, answered)
			}
		})
	}
}

// FuzzUnmarshal feeds arbitrary bytes: what the plain codec accepts must be
// accepted and lose nothing, and nothing may panic.
func FuzzUnmarshal(f *testing.F) {
	f.Add(marshal(f, request(f, 1)))
	f.Add([]byte{0x12, 0x02, 0x12, 0x00, 0x42, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		want := &fnv1.RunFunctionRequest{}
		plainErr := proto.Unmarshal(b, want)
		req := &fnv1.RunFunctionRequest{}
		if err := wire.Unmarshal(append([]byte(nil), b...), req); err != nil {
			if plainErr == nil {
				t.Fatalf("refused what the plain codec takes: %v", err)
			}
			return
		}
		if o, err := wire.Observe(req); err == nil {
			for _, r := range o.All() {
				_ = r.Decode(&map[string]any{})
			}
		}
		_, _ = wire.Required(req)
		if plainErr != nil {
			return
		}
		got := &fnv1.RunFunctionRequest{}
		if err := proto.Unmarshal(marshal(t, req), got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(want, got) {
			t.Fatalf("lost something:\n%s", cmp.Diff(want, got, protocmp.Transform()))
		}
	})
}
