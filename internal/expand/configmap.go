// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// MakeConfigMap makes the ConfigMap with the files of one part.
func MakeConfigMap(s *stack.Stack, part stack.Part, files []stack.File) *corev1.ConfigMap {
	data := make(map[string]string, len(files))
	for _, f := range files {
		data[f.Key] = f.Content
	}
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: makeMeta(s, part, names.FilesName(part.Name)),
		Data:       data,
	}
}

// filesHash changes with any path or content. It is on the pods that mount
// the files: a file mounted by subPath never changes in a running pod.
func filesHash(files []stack.File) string {
	parts := make([]string, 0, 2*len(files))
	for _, f := range files {
		parts = append(parts, f.Path, f.Content)
	}
	return names.Hash(16, parts...)
}
