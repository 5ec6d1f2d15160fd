// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/microstaging/preview-stacks/apis/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
)

// container resolves what services and jobs share.
func (r *resolver) container(field string, c v1alpha1.Container) Container {
	out := Container{
		Image:      r.image(field, c),
		EnvFrom:    r.envFrom(field, c.EnvFrom),
		Files:      r.files(field, c.Files),
		Mounts:     r.mounts(field, c.Volumes),
		Resources:  r.resources(field, c.Resources),
		RunAsUser:  r.in.Class.Spec.PodSecurity.DefaultRunAsUser,
		RunAsGroup: nil,
	}
	if s := c.SecurityContext; s != nil {
		if s.RunAsUser != nil {
			out.RunAsUser = s.RunAsUser
		}
		out.RunAsGroup, out.FSGroup = s.RunAsGroup, s.FSGroup
		out.ReadOnlyRootFilesystem = deref(s.ReadOnlyRootFilesystem, false)
	}
	if out.FSGroup == nil {
		out.FSGroup = out.RunAsUser
	}
	r.arguments(field, c, &out)
	r.rotations(c, &out)
	r.mountConflicts(field, out)
	return out
}

// arguments resolves command, args and env together: a secret in any of them
// is carried by a variable of the environment.
func (r *resolver) arguments(field string, c v1alpha1.Container, out *Container) {
	var embedded []secretKey
	expandAll := func(kind string, list []string) []string {
		var expanded []string
		for i, raw := range list {
			t := r.expand(field+"."+kind+"["+strconv.Itoa(i)+"]", raw)
			embedded = append(embedded, t.refs...)
			expanded = append(expanded, t.value)
		}
		return expanded
	}
	out.Command = expandAll("command", c.Command)
	out.Args = expandAll("args", c.Args)

	var own []corev1.EnvVar
	for _, key := range sortedKeys(c.Env) {
		t := r.expand(field+".env."+key, string(c.Env[key]))
		r.note(out, t.refs)
		if t.whole {
			own = append(own, t.refs[0].env(key))
			continue
		}
		embedded = append(embedded, t.refs...)
		own = append(own, corev1.EnvVar{Name: key, Value: t.value})
	}
	r.note(out, embedded)
	out.Env = append(carriers(embedded), own...)
}

// carriers are the variables that embedded secrets are read from; they come
// first, because Kubernetes expands $(NAME) of earlier variables only.
func carriers(refs []secretKey) []corev1.EnvVar {
	var vars []corev1.EnvVar
	for _, ref := range refs {
		vars = append(vars, ref.env(ref.variable()))
	}
	slices.SortFunc(vars, func(a, b corev1.EnvVar) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(vars, func(a, b corev1.EnvVar) bool { return a.Name == b.Name })
}

// note records whose rotation rolls the container.
func (r *resolver) note(out *Container, refs []secretKey) {
	for _, ref := range refs {
		switch ref.part.Kind { //nolint:exhaustive // only these two hold secrets
		case PartDatabase:
			out.Databases = append(out.Databases, ref.part.Name)
		case PartSecret:
			out.Secrets = append(out.Secrets, ref.part.Name)
		}
	}
}

func (r *resolver) rotations(c v1alpha1.Container, out *Container) {
	for _, entry := range sortedKeys(c.EnvFrom) {
		if _, ok := r.merged.Secrets[entry]; ok {
			out.Secrets = append(out.Secrets, entry)
		}
	}
	for _, list := range []*[]string{&out.Databases, &out.Secrets} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

func (r *resolver) image(field string, c v1alpha1.Container) string {
	at, raw := field+".image", c.Image
	if raw == "" {
		at, raw = field+".fallbackImage", c.FallbackImage
	}
	if raw == "" {
		r.problem(field+".image", "is missing in claim and blueprint: write the image to run, for example r.example.com/shop/web:${source.shortRevision}")
		return ""
	}
	before := len(r.problems)
	image := r.plain(at, raw, "an image name is stored in the open")
	if len(r.problems) > before {
		return image
	}
	if _, err := name.ParseReference(image, name.WeakValidation); err != nil {
		r.problem(at, "is %q, which is not an image: write registry/repository:tag in lower case, for example r.example.com/shop/web:main", shorten(image, 120))
	}
	return image
}

func (r *resolver) envFrom(field string, from map[string]v1alpha1.EnvFrom) []string {
	var secrets []string
	for _, entry := range sortedKeys(from) {
		if _, ok := r.merged.Secrets[entry]; !ok {
			r.problem(field+".envFrom."+entry, "names a secret that does not exist: %s", known("spec.secrets has", sortedKeys(r.merged.Secrets)))
			continue
		}
		secrets = append(secrets, names.SecretName(entry))
	}
	return secrets
}

func (r *resolver) files(field string, files map[string]v1alpha1.File) []File {
	var out []File
	for _, at := range sortedKeys(files) {
		here := field + ".files[" + at + "]"
		out = append(out, File{Path: at, Key: fileKey(at), Content: r.fileContent(here, at, files[at])})
	}
	r.filesFit(field+".files", out)
	return out
}

// maxFiles is what the files of one part may have together: they are kept in
// one ConfigMap, of which the API server takes 1 MiB with all that is around.
const maxFiles = 1000 * 1000

func (r *resolver) filesFit(field string, files []File) {
	size := 0
	for _, f := range files {
		size += len(f.Content)
	}
	if size > maxFiles {
		r.problem(field, "have %d bytes together, more than the %d that fit into a ConfigMap: put large files into the image or on a volume", size, maxFiles)
	}
}

// fileKey is a ConfigMap key for a path: its base name, kept apart by a hash.
func fileKey(at string) string {
	base := names.LabelValue(path.Base(at))
	return base + "." + names.Hash(6, at)
}

func (r *resolver) fileContent(field, at string, f v1alpha1.File) string {
	switch {
	case f.Content != nil:
		return r.plain(field+".content", *f.Content, "a file is kept in a ConfigMap")
	case f.ConfigMapRef == nil:
		r.problem(field, "is empty: set content or configMapRef")
		return ""
	}
	data, ok := r.configMap(field+".configMapRef.name", f.ConfigMapRef.Name)
	if !ok {
		return ""
	}
	key := orDefault(f.ConfigMapRef.Key, path.Base(at))
	content, ok := data[key]
	if !ok {
		r.problem(field+".configMapRef.key", "is %q, which ConfigMap %s/%s does not have: %s", key, r.in.Identity.ClaimNamespace, f.ConfigMapRef.Name, known("it has", sortedKeys(data)))
	}
	return content
}

func (r *resolver) configMap(field, configMap string) (map[string]string, bool) {
	data := r.in.ConfigMaps[configMap]
	if data == nil {
		r.problem(field, "is %q, but there is no ConfigMap %s/%s: create it beside the claim", configMap, r.in.Identity.ClaimNamespace, configMap)
	}
	return data, data != nil
}

func (r *resolver) mounts(field string, volumes map[string]v1alpha1.VolumeMount) []Mount {
	var out []Mount
	for _, at := range sortedKeys(volumes) {
		m := volumes[at]
		here := field + ".volumes[" + at + "]"
		if _, ok := r.merged.Volumes[m.Source]; !ok {
			r.problem(here+".source", "is %q, which is not a volume of the stack: %s", m.Source, known("spec.volumes has", sortedKeys(r.merged.Volumes)))
		}
		if strings.HasPrefix(m.SubPath, "/") || strings.Contains("/"+m.SubPath+"/", "/../") {
			r.problem(here+".subPath", "is %q: write a path within the volume, without a leading slash and without ..", m.SubPath)
		}
		out = append(out, Mount{Path: at, Volume: m.Source, SubPath: m.SubPath, ReadOnly: deref(m.ReadOnly, false)})
	}
	return out
}

// mountConflicts finds a volume mounted over a file: which one is seen would
// depend on the order of mounting.
func (r *resolver) mountConflicts(field string, c Container) {
	for _, f := range c.Files {
		for _, m := range c.Mounts {
			if f.Path == m.Path {
				r.problem(field+".volumes["+m.Path+"]", "is mounted where files has a file: choose another path for one of them")
			}
		}
	}
}

// resources completes requests and limits: the container's own, else the
// class's defaults; a request above its default limit raises the limit.
func (r *resolver) resources(field string, own *v1alpha1.Resources) corev1.ResourceRequirements {
	out := corev1.ResourceRequirements{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	var requests, limits corev1.ResourceList
	if own != nil {
		requests, limits = own.Requests.ResourceList(), own.Limits.ResourceList()
	}
	for _, kind := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, asked := requests[kind]
		limit, bounded := limits[kind]
		switch {
		case !asked && !bounded:
			request, limit = r.defaults.Requests[kind], r.defaults.Limits[kind]
		case !asked:
			request = smaller(r.defaults.Requests[kind], limit)
		case !bounded:
			limit = larger(r.defaults.Limits[kind], request)
		}
		if request.Cmp(limit) > 0 {
			r.problem(field+".resources.requests."+string(kind), "is %s, more than the limit of %s: raise limits.%s or lower the request", request.String(), limit.String(), kind)
		}
		if limit.Sign() <= 0 {
			r.problem(field+".resources.limits."+string(kind), "is %s: write an amount above zero, for example %s", limit.String(), example(kind))
		}
		out.Requests[kind], out.Limits[kind] = request, limit
	}
	return out
}

// ContainerDefaults are the class's resources of a container that names none,
// completed.
func (s *Stack) ContainerDefaults() corev1.ResourceRequirements {
	d := s.Class.Defaults
	fill := func(list corev1.ResourceList, cpu, memory string) corev1.ResourceList {
		if _, ok := list[corev1.ResourceCPU]; !ok {
			list[corev1.ResourceCPU] = resource.MustParse(cpu)
		}
		if _, ok := list[corev1.ResourceMemory]; !ok {
			list[corev1.ResourceMemory] = resource.MustParse(memory)
		}
		return list
	}
	return corev1.ResourceRequirements{
		Requests: fill(d.Requests.ResourceList(), "50m", "128Mi"),
		Limits:   fill(d.Limits.ResourceList(), "500m", "512Mi"),
	}
}

func smaller(a, b resource.Quantity) resource.Quantity {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}

func larger(a, b resource.Quantity) resource.Quantity {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

func example(kind corev1.ResourceName) string {
	if kind == corev1.ResourceCPU {
		return "500m"
	}
	return "512Mi"
}

// known lists what there is, for an error about what there is not.
func known(intro string, have []string) string {
	if len(have) == 0 {
		return intro + " none"
	}
	return intro + " " + shorten(strings.Join(have, ", "), 200)
}
