// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"cmp"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
)

// Ports that the mock engines listen on.
const (
	wireMockPort = 8080
	hoverflyPort = 8500
	prismPort    = 4010
)

// mockUser runs mocks where neither class nor image says: the images' own
// users have names, which restricted pod security cannot check.
const mockUser int64 = 1000

func (r *resolver) mocks() {
	for _, name := range sortedKeys(r.merged.Mocks) {
		spec := r.merged.Mocks[name]
		field := "spec.mocks." + name
		user := deref(r.in.Class.Spec.PodSecurity.DefaultRunAsUser, mockUser)
		m := Mock{Name: name, Engine: orDefault(spec.Engine, v1alpha1.MockWireMock), RunAsUser: &user}
		m.Image, m.Port = r.mockImage(m.Engine)
		m.Files = r.mockFiles(field, spec)
		r.filesFit(field+".files", m.Files)
		r.checkMockFiles(field, m)
		m.Resources = r.resources(field, mockResources(spec.Resources))
		r.stack.Mocks = append(r.stack.Mocks, m)
	}
}

// mockResources defaults what a mock takes: a JVM does not live on the
// defaults of a small service.
func mockResources(own *v1alpha1.Resources) *v1alpha1.Resources {
	if own != nil {
		return own
	}
	quantity := func(s string) *resource.Quantity { q := resource.MustParse(s); return &q }
	return &v1alpha1.Resources{
		Requests: v1alpha1.ResourceAmounts{CPU: quantity("50m"), Memory: quantity("192Mi")},
		Limits:   v1alpha1.ResourceAmounts{CPU: quantity("1"), Memory: quantity("512Mi")},
	}
}

func (r *resolver) mockImage(engine v1alpha1.MockEngine) (string, int32) {
	images := r.in.Class.Spec.Mocks
	switch engine {
	case v1alpha1.MockHoverfly:
		return orDefault(images.Hoverfly, "docker.io/spectolabs/hoverfly:v1.10.5"), hoverflyPort
	case v1alpha1.MockOpenAPI:
		return orDefault(images.OpenAPI, "docker.io/stoplight/prism:5"), prismPort
	case v1alpha1.MockWireMock:
	}
	return orDefault(images.WireMock, "docker.io/wiremock/wiremock:3.13.2"), wireMockPort
}

func (r *resolver) mockFiles(field string, spec v1alpha1.Mock) []File {
	content := map[string]string{}
	if ref := spec.ConfigMapRef; ref != nil {
		data, _ := r.configMap(field+".configMapRef.name", ref.Name)
		for key, value := range data {
			content[strings.ReplaceAll(key, "__", "/")] = value
		}
		// WireMock's own folder of bodies has two underscores in its name.
		for key := range data {
			if rest, ok := strings.CutPrefix(key, "__files__"); ok {
				delete(content, strings.ReplaceAll(key, "__", "/"))
				content["__files/"+strings.ReplaceAll(rest, "__", "/")] = data[key]
			}
		}
	}
	for p, value := range spec.Files {
		content[p] = string(value)
	}
	var out []File
	for _, p := range sortedKeys(content) {
		out = append(out, File{Path: p, Key: fileKey(p), Content: content[p]})
	}
	return out
}

// checkMockFiles finds a mock that would start and answer nothing.
func (r *resolver) checkMockFiles(field string, m Mock) {
	with := func(fits func(string) bool) int {
		n := 0
		for _, f := range m.Files {
			if fits(f.Path) {
				n++
			}
		}
		return n
	}
	switch m.Engine {
	case v1alpha1.MockWireMock:
		for _, f := range m.Files {
			if !strings.HasPrefix(f.Path, "mappings/") && !strings.HasPrefix(f.Path, "__files/") {
				r.problem(field+".files["+f.Path+"]", "is where WireMock does not look: put stubs under mappings/ and bodies under __files/, for example mappings/%s", path.Base(f.Path))
			}
		}
	case v1alpha1.MockHoverfly:
		if with(func(p string) bool { return strings.HasSuffix(p, ".json") }) != 1 {
			r.problem(field+".files", "needs exactly one simulation, such as simulation.json, for Hoverfly to play")
		}
	case v1alpha1.MockOpenAPI:
		if with(func(p string) bool {
			return slices.Contains([]string{"openapi.yaml", "openapi.yml", "openapi.json"}, p)
		}) != 1 {
			r.problem(field+".files", "needs one openapi.yaml or openapi.json for the mock to answer from")
		}
	}
}

// onlyHere refuses what our own provider serves for a remote cluster: it would
// write the Secret beside itself, where no pod of the stack could read it.
func (r *resolver) onlyHere(field, what string) {
	if r.stack.Target.Mode == v1alpha1.TargetObjects {
		r.problem(field, "is %s, which a stack in a remote cluster cannot have (class %q has target.mode Objects): leave it out, or use a class with target.mode Direct", what, r.stack.ClassName)
	}
}

func (r *resolver) databases() {
	for _, name := range sortedKeys(r.merged.Databases) {
		spec := r.merged.Databases[name]
		d := Database{Name: name, Engine: orDefault(spec.Engine, v1alpha1.EnginePostgres), Golden: refName(spec.GoldenRef)}
		if d.Golden == "" {
			r.problem("spec.databases."+name+".goldenRef", "is missing in claim and blueprint: name the DatabaseGolden to branch, for example {name: shop}")
		}
		r.onlyHere("spec.databases."+name, "a database branch")
		r.stack.Databases = append(r.stack.Databases, d)
	}
}

func (r *resolver) secrets() {
	allowed := r.in.Class.Spec.Secrets.Stores
	for _, name := range sortedKeys(r.merged.Secrets) {
		spec := r.merged.Secrets[name]
		s := Secret{Name: name, Path: spec.Path, Store: refName(spec.StoreRef)}
		if s.Store != "" && !slices.Contains(allowed, s.Store) {
			r.problem("spec.secrets."+name+".storeRef.name", "is %q, which class %q does not allow: %s; ask the platform team to add it to secrets.stores", s.Store, r.stack.ClassName, known("it allows", allowed))
		}
		if spec.StoreRef == nil {
			r.onlyHere("spec.secrets."+name, "a generated or copied secret")
		}
		if spec.SecretRef != nil {
			s.CopyFrom = spec.SecretRef.Name
		}
		if spec.Generate != nil {
			s.GenerateLength = deref(spec.Generate.Length, 32)
		}
		r.stack.Secrets = append(r.stack.Secrets, s)
	}
}

func (r *resolver) volumes() {
	mounted := r.mountedVolumes()
	storage := r.in.Class.Spec.Storage
	// A clone takes its origin's size, so origins come first.
	order := sortedKeys(r.merged.Volumes)
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Compare(origin(r.merged.Volumes[a]), origin(r.merged.Volumes[b]))
	})
	for _, name := range order {
		spec := r.merged.Volumes[name]
		field := "spec.volumes." + name
		v := Volume{
			Name:         name,
			AccessMode:   corev1.PersistentVolumeAccessMode(orDefault(spec.AccessMode, v1alpha1.ReadWriteOnce)),
			StorageClass: storage.Class,
			Mounted:      mounted[name],
		}
		if spec.Size != nil {
			v.Size = *spec.Size
		}
		r.volumeOrigin(field, spec, &v)
		if v.Size.Sign() <= 0 {
			r.problem(field+".size", "is %s: write how large it shall be, for example 5Gi", v.Size.String())
		}
		r.stack.Volumes = append(r.stack.Volumes, v)
	}
	slices.SortFunc(r.stack.Volumes, func(a, b Volume) int { return cmp.Compare(a.Name, b.Name) })
}

// origin names the volume that a volume is a clone of; empty if it is none.
func origin(v v1alpha1.Volume) string {
	if v.From == nil {
		return ""
	}
	return v.From.Volume
}

func (r *resolver) mountedVolumes() map[string]bool {
	mounted := map[string]bool{}
	note := func(c v1alpha1.Container) {
		for _, m := range c.Volumes {
			mounted[m.Source] = true
		}
	}
	for _, s := range r.merged.Services {
		note(s.Container)
	}
	for _, j := range r.merged.Jobs {
		note(j.Container)
	}
	return mounted
}

func (r *resolver) volumeOrigin(field string, spec v1alpha1.Volume, v *Volume) {
	switch {
	case spec.From == nil:
	case spec.From.Golden != "":
		r.goldenVolume(field, spec.From.Golden, v)
	case spec.From.Volume != "":
		r.clonedVolume(field, spec.From.Volume, v)
	}
}

func (r *resolver) goldenVolume(field, golden string, v *Volume) {
	storage := r.in.Class.Spec.Storage
	g, ok := storage.Goldens[golden]
	if !ok {
		r.problem(field+".from.golden", "is %q, which class %q does not offer: %s", golden, r.stack.ClassName, known("it offers", sortedKeys(storage.Goldens)))
		return
	}
	v.Golden, v.SnapshotClass = &g, storage.SnapshotClass
	r.atLeast(field, v, g.Size, "golden "+golden)
}

func (r *resolver) clonedVolume(field, from string, v *Volume) {
	o, ok := r.merged.Volumes[from]
	switch {
	case from == v.Name:
		r.problem(field+".from.volume", "is the volume itself: name another volume of the stack")
		return
	case !ok:
		r.problem(field+".from.volume", "is %q, which is not a volume of the stack: %s", from, known("spec.volumes has", sortedKeys(r.merged.Volumes)))
		return
	case origin(o) != "":
		r.problem(field+".from.volume", "is %q, which is a clone itself: clone %q instead", from, origin(o))
		return
	}
	v.CloneOf = from
	for _, resolved := range r.stack.Volumes {
		if resolved.Name == from {
			r.atLeast(field, v, resolved.Size, "volume "+from)
		}
	}
}

// atLeast defaults a size to its origin's, and refuses a smaller one.
func (r *resolver) atLeast(field string, v *Volume, size resource.Quantity, source string) {
	switch {
	case v.Size.IsZero():
		v.Size = size
	case v.Size.Cmp(size) < 0:
		r.problem(field+".size", "is %s, less than the %s of %s: write at least %s, or leave it out", v.Size.String(), size.String(), source, size.String())
	}
}
