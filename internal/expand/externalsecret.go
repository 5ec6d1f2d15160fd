// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

const externalSecretCRD = "externalsecrets.external-secrets.io"

// An ExternalSecret is as much of the External Secrets Operator's kind as
// copies all keys of one entry of a store.
// https://external-secrets.io/latest/api/externalsecret/
type ExternalSecret struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ExternalSecretSpec `json:"spec"`
}

// An ExternalSecretSpec says from where to where.
type ExternalSecretSpec struct {
	SecretStoreRef SecretStoreRef         `json:"secretStoreRef"`
	Target         ExternalSecretTarget   `json:"target"`
	DataFrom       []ExternalSecretSource `json:"dataFrom"`
}

// A SecretStoreRef names the store.
type SecretStoreRef struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// An ExternalSecretTarget names the Secret to write.
type ExternalSecretTarget struct {
	Name string `json:"name"`
}

// An ExternalSecretSource names what to read.
type ExternalSecretSource struct {
	Extract ExternalSecretExtract `json:"extract"`
}

// An ExternalSecretExtract names the entry in the store.
type ExternalSecretExtract struct {
	Key string `json:"key"`
}

// DeepCopyObject implements runtime.Object.
func (e *ExternalSecret) DeepCopyObject() runtime.Object {
	out := *e
	out.ObjectMeta = *e.ObjectMeta.DeepCopy()
	out.Spec.DataFrom = slices.Clone(e.Spec.DataFrom)
	return &out
}

// MakeExternalSecret takes a Secret from a store that the class allows.
func MakeExternalSecret(s *stack.Stack, secret stack.Secret) *ExternalSecret {
	name := names.SecretName(secret.Name)
	return &ExternalSecret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "external-secrets.io/v1", Kind: "ExternalSecret"},
		ObjectMeta: makeMeta(s, stack.Part{Kind: stack.PartSecret, Name: secret.Name}, name),
		Spec: ExternalSecretSpec{
			SecretStoreRef: SecretStoreRef{Kind: "ClusterSecretStore", Name: secret.Store},
			Target:         ExternalSecretTarget{Name: name},
			DataFrom:       []ExternalSecretSource{{Extract: ExternalSecretExtract{Key: secret.Path}}},
		},
	}
}
