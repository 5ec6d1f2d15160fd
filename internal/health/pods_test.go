// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/health"
	"github.com/microstaging/preview-stacks/internal/health/healthtest"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// pod of service api at revision "new"; status is YAML in flow style.
func pod(status string) string {
	return `{apiVersion: v1, kind: Pod, metadata: {name: api-new-x, creationTimestamp: "2026-05-04T09:00:00Z",
		labels: {microstaging.dev/part: service, microstaging.dev/name: api, pod-template-hash: new}},
		spec: {containers: [{name: api, image: "r.example.com/shop/api:9f1c2ab", resources: {limits: {memory: 128Mi}}}]},
		status: ` + status + `}`
}

func waitingPod(reason, message string) string {
	return pod(`{phase: Pending, containerStatuses: [{name: api, image: "sha256:0a1b", state: {waiting: {reason: ` + reason + `, message: '` + message + `'}}}]}`)
}

func jobPod(name, created, status string) string {
	return `{apiVersion: v1, kind: Pod, metadata: {name: ` + name + `, creationTimestamp: "` + created + `",
		labels: {microstaging.dev/part: job, microstaging.dev/name: migrate, batch.kubernetes.io/job-name: migrate-a1}},
		spec: {containers: [{name: migrate, image: "r.example.com/shop/api:9f1c2ab"}]}, status: ` + status + `}`
}

const readyPod = `{phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: api, ready: true, state: {running: {}}}]}`

func TestDiagnose(t *testing.T) {
	api := stack.Part{Kind: stack.PartService, Name: "api"}
	migrate := stack.Part{Kind: stack.PartJob, Name: "migrate"}
	of := func(part stack.Part, reason, detail string, final bool) map[stack.Part]health.Diagnosis {
		d := health.Diagnosis{Reason: reason, Detail: detail, Final: final}
		if part == migrate {
			d.Job = "migrate-a1"
		}
		return map[stack.Part]health.Diagnosis{part: d}
	}
	crash := `lastState: {terminated: {exitCode: 1, reason: Error, message: "2026-05-04T08:59:58.123Z starting\n2026-05-04T08:59:59Z cannot connect to db:5432\n"}}`

	cases := map[string]struct {
		reason string
		pods   []string
		want   map[stack.Part]health.Diagnosis
	}{
		"Healthy": {
			reason: "a pod that is ready has nothing to say",
			pods:   []string{pod(readyPod)},
		},
		"ImageNotFound": {
			reason: "of the registry's page two words remain, and the image is the one asked for, not its digest",
			pods: []string{waitingPod("ImagePullBackOff", `Back-off pulling image "r.example.com/shop/api:9f1c2ab": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "r.example.com/shop/api:9f1c2ab": `+
				`failed to resolve reference "r.example.com/shop/api:9f1c2ab": r.example.com/shop/api:9f1c2ab: not found`)},
			want: of(api, v1alpha1.ReasonImagePull, "image r.example.com/shop/api:9f1c2ab cannot be pulled: not found", false),
		},
		"ImageDenied": {
			reason: "a remedy goes with a missing pull secret",
			pods:   []string{waitingPod("ErrImagePull", "failed to authorize: unexpected status from GET request: 401 Unauthorized")},
			want:   of(api, v1alpha1.ReasonImagePull, "image r.example.com/shop/api:9f1c2ab cannot be pulled: no access; name a pull secret in the class's imagePullSecrets", false),
		},
		"ImageRegistryAway": {
			reason: "the registry may come back",
			pods:   []string{waitingPod("ErrImagePull", "dial tcp: lookup r.example.com: no such host")},
			want:   of(api, v1alpha1.ReasonImagePull, "image r.example.com/shop/api:9f1c2ab cannot be pulled: its registry cannot be reached", false),
		},
		"ImageName": {
			reason: "waiting does not mend a name",
			pods:   []string{waitingPod("InvalidImageName", "Failed to apply default image tag")},
			want:   of(api, v1alpha1.ReasonImagePull, `image "r.example.com/shop/api:9f1c2ab" is not an image name`, true),
		},
		"Root": {
			reason: "the remedy is a field of the claim",
			pods:   []string{waitingPod("CreateContainerConfigError", `container has runAsNonRoot and image will run as root (pod: "api-new-x_pv-shop(0a1b)", container: api)`)},
			want:   of(api, v1alpha1.ReasonContainerConfig, "image r.example.com/shop/api:9f1c2ab runs as root; set services.api.securityContext.runAsUser", true),
		},
		"NamedUser": {
			reason: "Kubernetes cannot tell that a name is not root",
			pods:   []string{waitingPod("CreateContainerConfigError", `container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root (pod: "api", container: api)`)},
			want:   of(api, v1alpha1.ReasonContainerConfig, `image r.example.com/shop/api:9f1c2ab runs as user "app", whose number is not known; set services.api.securityContext.runAsUser`, true),
		},
		"SecretAbsent": {
			reason: "the secret may still come",
			pods:   []string{waitingPod("CreateContainerConfigError", `secret "stripe-secret" not found`)},
			want:   of(api, v1alpha1.ReasonContainerConfig, "secret stripe-secret does not exist", false),
		},
		"SecretKeyAbsent": {
			reason: "the secret is there without the key",
			pods:   []string{waitingPod("CreateContainerConfigError", `couldn''t find key TOKEN in Secret pv-shop/stripe-secret`)},
			want:   of(api, v1alpha1.ReasonContainerConfig, "secret stripe-secret has no key TOKEN", false),
		},
		"ProgramAbsent": {
			reason: "the command is not in the image",
			pods: []string{pod(`{phase: Running, containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 128, reason: StartError,
				message: 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown'}}}]}`)},
			want: of(api, v1alpha1.ReasonContainerConfig, "image r.example.com/shop/api:9f1c2ab cannot run serve: executable file not found in $PATH", false),
		},
		"CrashWaiting": {
			reason: "the last line says why; its timestamp would change with each try",
			pods:   []string{pod(`{phase: Running, containerStatuses: [{name: api, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, ` + crash + `}]}`)},
			want:   of(api, v1alpha1.ReasonCrashLoop, "exited with code 1: cannot connect to db:5432", false),
		},
		"CrashRunning": {
			reason: "between two crashes it runs for a moment: the answer stays",
			pods:   []string{pod(`{phase: Running, containerStatuses: [{name: api, restartCount: 4, state: {running: {}}, ` + crash + `}]}`)},
			want:   of(api, v1alpha1.ReasonCrashLoop, "exited with code 1: cannot connect to db:5432", false),
		},
		"CrashHealed": {
			reason: "it crashed until the database was up, and is fine since",
			pods:   []string{pod(`{phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: api, ready: true, state: {running: {}}, ` + crash + `}]}`)},
		},
		"Panic": {
			reason: "the last line of a Go crash is a stack frame; the first says why",
			pods: []string{pod(`{phase: Running, containerStatuses: [{name: api, state: {terminated: {exitCode: 2, reason: Error,
				message: "ready\npanic: no DATABASE_URL\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\n"}}}]}`)},
			want: of(api, v1alpha1.ReasonCrashLoop, "exited with code 2: panic: no DATABASE_URL", false),
		},
		"Exits": {
			reason: "a service that ends well has ended all the same",
			pods:   []string{pod(`{phase: Running, containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 0, reason: Completed}}}]}`)},
			want:   of(api, v1alpha1.ReasonCrashLoop, "exited with code 0", false),
		},
		"OutOfMemory": {
			reason: "the limit and the field that raises it",
			pods:   []string{pod(`{phase: Running, containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]}`)},
			want:   of(api, v1alpha1.ReasonCrashLoop, "ran out of memory (limit 128Mi); raise services.api.resources.limits.memory", false),
		},
		"Hostile": {
			reason: "output is bounded and cannot move the terminal's cursor",
			pods: []string{pod(`{phase: Running, containerStatuses: [{name: api, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1,
				message: "\e[31mred\a ` + strings.Repeat("a", 500) + `"}}}]}`)},
			want: of(api, v1alpha1.ReasonCrashLoop, "exited with code 1: [31mred "+strings.Repeat("a", 171)+"…", false),
		},
		"UnschedulableSince136": {
			reason: "Kubernetes 1.36 says more that is of no use to a developer",
			pods: []string{pod(`{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable,
				message: "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."}]}`)},
			want: of(api, v1alpha1.ReasonUnschedulable, "no node takes its pod: 1 Insufficient cpu", false),
		},
		"Unschedulable": {
			reason: "the number of nodes moves with the autoscaler and is left out",
			pods: []string{pod(`{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable,
				message: "0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."}]}`)},
			want: of(api, v1alpha1.ReasonUnschedulable, "no node takes its pod: 1 Insufficient cpu, 2 Insufficient memory", false),
		},
		"UnboundVolume": {
			reason: "the volume is what it waits for, not a node",
			pods: []string{pod(`{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable,
				message: "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found"}]}`)},
			want: of(api, v1alpha1.ReasonWaiting, "a volume of it is not bound yet", false),
		},
		"Starting": {
			reason: "nothing is wrong; it takes time",
			pods:   []string{waitingPod("ContainerCreating", "")},
			want:   of(api, v1alpha1.ReasonWaiting, "pod is starting", false),
		},
		"Unhealthy": {
			reason: "the process runs and its check says no",
			pods:   []string{pod(`{phase: Running, conditions: [{type: Ready, status: "False"}], containerStatuses: [{name: api, state: {running: {}}}]}`)},
			want:   of(api, v1alpha1.ReasonWaiting, "pod runs, but is not healthy yet", false),
		},
		"Evicted": {
			reason: "the node had no room left",
			pods:   []string{pod(`{phase: Failed, reason: Evicted, message: "The node was low on resource: ephemeral-storage."}`)},
			want:   of(api, v1alpha1.ReasonCrashLoop, "pod was ended (Evicted): The node was low on resource: ephemeral-storage.", false),
		},
		"NewRevision": {
			reason: "the old revision serves; its owner wants to know about the new",
			pods: []string{
				waitingPod("ErrImagePull", "not found"),
				`{apiVersion: v1, kind: Pod, metadata: {name: api-old-x, creationTimestamp: "2026-05-04T08:00:00Z", labels: {microstaging.dev/part: service, microstaging.dev/name: api, pod-template-hash: old}}, status: ` + readyPod + `}`,
			},
			want: of(api, v1alpha1.ReasonImagePull, "image r.example.com/shop/api:9f1c2ab cannot be pulled: not found", false),
		},
		"JobJustEnded": {
			reason: "between the end of a container and that of its pod nothing failed",
			pods:   []string{jobPod("migrate-a1-z", "2026-05-04T08:00:00Z", `{phase: Running, containerStatuses: [{name: migrate, state: {terminated: {exitCode: 0, reason: Completed}}}]}`)},
			want:   of(migrate, v1alpha1.ReasonWaiting, "pod is running", false),
		},
		"JobLastTry": {
			reason: "of a job's tries the last one counts",
			pods: []string{
				jobPod("migrate-a1-z", "2026-05-04T08:00:00Z", `{phase: Failed, containerStatuses: [{name: migrate, state: {terminated: {exitCode: 3, message: "first"}}}]}`),
				jobPod("migrate-a1-a", "2026-05-04T08:01:00Z", `{phase: Failed, containerStatuses: [{name: migrate, state: {terminated: {exitCode: 1, message: "ERROR: column \"total\" does not exist"}}}]}`),
			},
			want: of(migrate, v1alpha1.ReasonCrashLoop, `exited with code 1: ERROR: column "total" does not exist`, false),
		},
		"InitContainerDone": {
			reason: "an init container that is through says nothing",
			pods:   []string{pod(`{phase: Pending, initContainerStatuses: [{name: wait, state: {terminated: {exitCode: 0, reason: Completed}}}], containerStatuses: [{name: api, state: {waiting: {reason: PodInitializing}}}]}`)},
			want:   of(api, v1alpha1.ReasonWaiting, "pod is starting", false),
		},
		"NotOurs": {
			reason: "pods of manifests carry no part",
			pods:   []string{`{apiVersion: v1, kind: Pod, metadata: {name: other}, status: {phase: Pending}}`},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var pods []health.Pod
			for _, text := range tc.pods {
				p, err := health.ReadPod(healthtest.FromYAML(text))
				if err != nil {
					t.Fatalf("%s: ReadPod(): %v", tc.reason, err)
				}
				pods = append(pods, p)
			}
			got := health.Diagnose(pods)
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(health.Diagnosis{})); diff != "" {
				t.Errorf("%s: Diagnose(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
