// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// Reasons that the kubelet gives for a waiting or terminated container. The
// API has no constants for them.
const (
	whyPull         = "ErrImagePull"
	whyPullBackOff  = "ImagePullBackOff"
	whyPullNever    = "ErrImageNeverPull"
	whyInvalidImage = "InvalidImageName"
	whyInspect      = "ImageInspectError"
	whyConfig       = "CreateContainerConfigError"
	whyCreate       = "CreateContainerError"
	whyRun          = "RunContainerError"
	whyStart        = "StartError"
	whyCannotRun    = "ContainerCannotRun"
	whyMemory       = "OOMKilled"
)

// diagnoseContainer says what is wrong with one container, if anything.
func diagnoseContainer(part stack.Part, c podContainer, s corev1.ContainerStatus) (Diagnosis, bool) {
	if w := s.State.Waiting; w != nil {
		switch w.Reason {
		case whyInvalidImage:
			detail := Bound(fmt.Sprintf("image %q is not an image name", c.Image))
			return Diagnosis{Reason: v1alpha1.ReasonImagePull, Detail: detail, Final: true, rank: rankImage}, true
		case whyPull, whyPullBackOff, whyPullNever, whyInspect:
			return Diagnosis{Reason: v1alpha1.ReasonImagePull, Detail: unpulled(c.Image, w.Message), rank: rankImage}, true
		case whyConfig, whyCreate, whyRun:
			return misconfigured(part, c, w.Message), true
		}
	}
	if t := ended(s); t != nil {
		return exited(part, c, t), true
	}
	return Diagnosis{}, false
}

// ended is how the container ended last, unless it is fine since. A container
// that exits again and again is waiting, running and terminated in turn; its
// last end is the same in all three.
func ended(s corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	if t := s.State.Terminated; t != nil {
		return t
	}
	if s.Ready {
		return nil
	}
	return s.LastTerminationState.Terminated
}

func exited(part stack.Part, c podContainer, t *corev1.ContainerStateTerminated) Diagnosis {
	switch t.Reason {
	case whyMemory:
		return Diagnosis{Reason: v1alpha1.ReasonCrashLoop, Detail: outOfMemory(part, c), rank: rankExit}
	case whyStart, whyCannotRun:
		return misconfigured(part, c, t.Message)
	}
	detail := fmt.Sprintf("exited with code %d", t.ExitCode)
	if words := lastWords(t.Message); words != "" {
		detail += ": " + words
	}
	return Diagnosis{Reason: v1alpha1.ReasonCrashLoop, Detail: Bound(detail), rank: rankExit}
}

func outOfMemory(part stack.Part, c podContainer) string {
	limit, ok := c.Resources.Limits[corev1.ResourceMemory]
	if !ok {
		return "ran out of memory"
	}
	return fmt.Sprintf("ran out of memory (limit %s); raise %s.resources.limits.memory", limit.String(), field(part))
}

// field is where the claim or blueprint writes the part.
func field(part stack.Part) string { return string(part.Kind) + "s." + part.Name }

var (
	namedUser = regexp.MustCompile(`image has non-numeric user \(([^)]*)\)`)
	absentKey = regexp.MustCompile(`couldn't find key (\S+) in (Secret|ConfigMap) (?:[^/\s]+/)?(\S+)`)
	absent    = regexp.MustCompile(`(secret|configmap) "([^"]+)" not found`)
	noProgram = regexp.MustCompile(`exec: "([^"]+)": (.*?)(: unknown)?$`)
)

// misconfigured is for a container that cannot even be created.
func misconfigured(part stack.Part, c podContainer, message string) Diagnosis {
	message = Line(message)
	d := Diagnosis{Reason: v1alpha1.ReasonContainerConfig, rank: rankConfig}
	if m := namedUser.FindStringSubmatch(message); m != nil {
		d.Final = true
		d.Detail = fmt.Sprintf("image %s runs as user %q, whose number is not known; %s", c.Image, m[1], setUser(part))
		return d
	}
	if strings.Contains(message, "image will run as root") {
		d.Final = true
		d.Detail = fmt.Sprintf("image %s runs as root; %s", c.Image, setUser(part))
		return d
	}
	if m := absentKey.FindStringSubmatch(message); m != nil {
		d.Detail = Bound(fmt.Sprintf("%s %s has no key %s", strings.ToLower(m[2]), m[3], m[1]))
		return d
	}
	if m := absent.FindStringSubmatch(message); m != nil {
		d.Detail = fmt.Sprintf("%s %s does not exist", m[1], m[2])
		return d
	}
	if m := noProgram.FindStringSubmatch(message); m != nil {
		d.Detail = Bound(fmt.Sprintf("image %s cannot run %s: %s", c.Image, m[1], m[2]))
		return d
	}
	d.Detail = Bound("container cannot be created: " + message)
	return d
}

// setUser is the remedy for a root image. A mock's image is the class's.
func setUser(part stack.Part) string {
	if part.Kind == stack.PartMock {
		return "set podSecurity.defaultRunAsUser of the class"
	}
	return "set " + field(part) + ".securityContext.runAsUser"
}

// pullFailures are what registries say, in the order of being looked for.
var pullFailures = []struct {
	says []string
	mean string
}{
	{[]string{"insufficient_scope", "pull access denied", "may require"}, "not found, or no access"},
	{[]string{"no match for platform", "no matching manifest"}, "not built for this cluster's platform"},
	{[]string{"toomanyrequests", "429 Too Many"}, "its registry allows no more pulls for now"},
	{[]string{"401 Unauthorized", "403 Forbidden", "unauthorized", "denied", "authentication required", "no basic auth"}, "no access; name a pull secret in the class's imagePullSecrets"},
	{[]string{"not found", "manifest unknown", "name unknown"}, "not found"},
	{[]string{"no such host", "dial tcp", "timeout", "connection re", "x509", "tls:", "HTTP response to HTTPS"}, "its registry cannot be reached"},
}

// unpulled says why an image cannot be pulled. Registries answer in pages;
// what remains is one of a few words.
func unpulled(image, message string) string {
	// The image's own name, which may hold any of the words, is no answer.
	rest := strings.ReplaceAll(message, image, "")
	for _, f := range pullFailures {
		for _, says := range f.says {
			if strings.Contains(rest, says) {
				return Bound(fmt.Sprintf("image %s cannot be pulled: %s", image, f.mean))
			}
		}
	}
	return Bound(fmt.Sprintf("image %s cannot be pulled", image))
}
