// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/function-sdk-go/logging"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "rewrite the files under testdata")

// now is the time of every case; "now" of a case moves it.
var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// TestGoldens holds the answer of each case, a folder with what Crossplane asks,
// against its golden. The first line of in.yaml says why the case exists.
func TestGoldens(t *testing.T) {
	folders, err := filepath.Glob("testdata/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(folder, "in.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			reason, _, _ := strings.Cut(string(text), "\n")
			req := request(t, text)
			got := append([]byte(reason+"\n"), answer(t, call(t, req))...)
			golden := filepath.Join(folder, "out.yaml")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s (go test ./functions/ttl -update rewrites): -want, +got:\n%s", reason, diff)
			}
			if again := answer(t, call(t, request(t, text))); !bytes.HasSuffix(got, again) {
				t.Error("the same input gave another answer")
			}
		})
	}
}

// request reads what Crossplane asks. A step's input is read from the
// composition of the repository that the case names.
func request(t *testing.T, text []byte) *fnv1.RunFunctionRequest {
	t.Helper()
	var c struct {
		Composition string          `json:"composition"`
		Request     json.RawMessage `json:"request"`
	}
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		t.Fatal(err)
	}
	req := &fnv1.RunFunctionRequest{}
	if err := protojson.Unmarshal(c.Request, req); err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(inputOf(t, filepath.Join("../..", c.Composition)))
	if err != nil {
		t.Fatal(err)
	}
	step := &fnv1.RunFunctionRequest{}
	if err := protojson.Unmarshal([]byte(`{"input": `+string(input)+`}`), step); err != nil {
		t.Fatal(err)
	}
	req.Input = step.GetInput()
	return req
}

func inputOf(t *testing.T, composition string) any {
	t.Helper()
	text, err := os.ReadFile(composition)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Spec struct {
			Pipeline []struct {
				Step  string `json:"step"`
				Input any    `json:"input"`
			} `json:"pipeline"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Spec.Pipeline {
		if s.Step == "ttl" {
			return s.Input
		}
	}
	t.Fatalf("%s has no step ttl", composition)
	return nil
}

func call(t *testing.T, req *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	t.Helper()
	fn := &Function{log: logging.NewNopLogger(), now: func() time.Time { return now }}
	rsp, err := fn.RunFunction(context.Background(), proto.CloneOf(req))
	if err != nil {
		t.Fatal(err)
	}
	return rsp
}

// answer writes a response as people read it.
func answer(t *testing.T, rsp *fnv1.RunFunctionResponse) []byte {
	t.Helper()
	text, err := protojson.Marshal(rsp)
	if err != nil {
		t.Fatal(err)
	}
	out, err := yaml.JSONToYAML(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
