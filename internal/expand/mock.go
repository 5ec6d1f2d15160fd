// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"path"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const (
	// mockStartSeconds that a mock's start may take: a JVM on half a core.
	mockStartSeconds = 120
	mockPortName     = "http"
	// mockRoot is where engines that are told where their files are find them.
	mockRoot = "/mock"
	// wireMockRoot is the working directory of WireMock's image.
	wireMockRoot = "/home/wiremock"
	wireMockHome = "home"
	hoverflyAPI  = 8888
)

func mocks(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, m := range s.Mocks {
		part := stack.Part{Kind: stack.PartMock, Name: m.Name}
		ports := []stack.Port{{Name: mockPortName, Number: m.Port, Protocol: v1alpha1.ProtocolHTTP}}
		objects = append(objects,
			// PreDeploy jobs may call a mock, and a mock waits for nothing.
			Object{Key: "mock-" + m.Name, Part: part, Role: RoleWorkload, BeforeJobs: true, Object: MakeMockDeployment(s, m)},
			Object{Key: "mock-service-" + m.Name, Part: part, Role: RoleBase, Object: MakeService(s, part, ports)},
		)
		if len(m.Files) > 0 {
			objects = append(objects, Object{
				Key: "mock-files-" + m.Name, Part: part, Role: RoleBase, Object: MakeConfigMap(s, part, m.Files),
			})
		}
	}
	return objects
}

// MakeMockDeployment makes the Deployment of a mock. A change of its files
// rolls it: engines read them when they start.
func MakeMockDeployment(s *stack.Stack, m stack.Mock) *appsv1.Deployment {
	part := stack.Part{Kind: stack.PartMock, Name: m.Name}
	engine := mockEngine(m)
	// A mount per file would need a path per mapping; instead the folders are
	// laid out by the ConfigMap's items, whose keys cannot hold slashes.
	template := makePod(s, part, stack.Container{
		Image: m.Image, Args: engine.args, Env: engine.env, Resources: m.Resources, RunAsUser: m.RunAsUser,
	})
	template.Annotations = map[string]string{v1alpha1.AnnotationConfigHash: filesHash(m.Files)}
	template.Spec.Volumes = slices.Concat(engine.volumes, mockFiles(part, m))
	c := &template.Spec.Containers[0]
	c.Ports = []corev1.ContainerPort{{Name: mockPortName, ContainerPort: m.Port, Protocol: corev1.ProtocolTCP}}
	c.VolumeMounts = engine.mounts
	probe(c, engine.check)
	d := makeDeployment(s, part, template)
	d.Spec.Replicas = ptr.To(int32(1))
	d.Spec.ProgressDeadlineSeconds = ptr.To(int32(mockStartSeconds + pullSeconds))
	return d
}

func mockFiles(part stack.Part, m stack.Mock) []corev1.Volume {
	if len(m.Files) == 0 {
		return nil
	}
	items := make([]corev1.KeyToPath, 0, len(m.Files))
	for _, f := range m.Files {
		items = append(items, corev1.KeyToPath{Key: f.Key, Path: f.Path})
	}
	return []corev1.Volume{filesSource(part, items)}
}

// An engine is how one mock engine is started.
type engine struct {
	args    []string
	env     []corev1.EnvVar
	volumes []corev1.Volume
	mounts  []corev1.VolumeMount
	check   stack.Check
}

func mockEngine(m stack.Mock) engine {
	switch m.Engine {
	case v1alpha1.MockHoverfly:
		return hoverfly(m)
	case v1alpha1.MockOpenAPI:
		return prism(m)
	case v1alpha1.MockWireMock:
	}
	return wireMock(m)
}

// wireMock listens on 8080 below its working directory by itself. It is told
// neither: its command line refuses an option that an image has set already.
func wireMock(m stack.Mock) engine {
	e := engine{
		env: []corev1.EnvVar{{
			// The official image starts Java with these. The heap is bounded by
			// the container's limit, and the rest makes for a quick start.
			Name: "JAVA_OPTS", Value: "-XX:MaxRAMPercentage=60 -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
		}},
		// WireMock makes the folders that it misses, so its root is writable.
		volumes: []corev1.Volume{{Name: wireMockHome, VolumeSource: corev1.VolumeSource{
			EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: ptr.To(resource.MustParse("64Mi"))},
		}}},
		mounts: []corev1.VolumeMount{{Name: wireMockHome, MountPath: wireMockRoot}},
		check:  stack.Check{HTTPPath: "/__admin/health", Port: m.Port, StartSeconds: mockStartSeconds},
	}
	for _, folder := range topFolders(m.Files) {
		e.mounts = append(e.mounts, corev1.VolumeMount{
			Name: filesVolume, MountPath: path.Join(wireMockRoot, folder), SubPath: folder, ReadOnly: true,
		})
	}
	return e
}

// topFolders are the first elements of all paths, sorted.
func topFolders(files []stack.File) []string {
	var folders []string
	for _, f := range files {
		first, _, _ := strings.Cut(f.Path, "/")
		folders = append(folders, first)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

func hoverfly(m stack.Mock) engine {
	e := engine{
		args:  []string{"-listen-on-host=0.0.0.0", "-webserver"},
		check: stack.Check{HTTPPath: "/api/health", Port: hoverflyAPI, StartSeconds: mockStartSeconds},
	}
	if simulation, ok := findFile(m.Files, ".json"); ok {
		e.args = append(e.args, "-import", path.Join(mockRoot, simulation))
		e.mounts = mockMounts()
	}
	return e
}

// prism has no endpoint of its own that says it is ready.
func prism(m stack.Mock) engine {
	e := engine{check: stack.Check{TCP: true, Port: m.Port, StartSeconds: mockStartSeconds}}
	if document, ok := findFile(m.Files, "openapi.yaml", "openapi.yml", "openapi.json"); ok {
		e.args = []string{"mock", "-h", "0.0.0.0", "-p", strconv.Itoa(int(m.Port)), path.Join(mockRoot, document)}
		e.mounts = mockMounts()
	}
	return e
}

func mockMounts() []corev1.VolumeMount {
	return []corev1.VolumeMount{{Name: filesVolume, MountPath: mockRoot, ReadOnly: true}}
}

// findFile gives the first file whose path ends in one of the endings.
func findFile(files []stack.File, endings ...string) (string, bool) {
	for _, f := range files {
		for _, ending := range endings {
			if strings.HasSuffix(f.Path, ending) {
				return f.Path, true
			}
		}
	}
	return "", false
}
