// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	secretv1alpha1 "github.com/microstaging/preview-stacks/apis/secret/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// SecretKey is the key of a secret's object.
func SecretKey(secret string) string { return "secret-" + secret }

func secrets(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, secret := range s.Secrets {
		o := Object{Key: SecretKey(secret.Name), Part: stack.Part{Kind: stack.PartSecret, Name: secret.Name}, Role: RoleData}
		if secret.Store != "" {
			o.Object, o.NeedsCRD = MakeExternalSecret(s, secret), externalSecretCRD
		} else {
			o.Object, o.NeedsCRD = MakeStackSecret(s, secret), "stacksecrets."+secretv1alpha1.GroupVersion.Group
		}
		objects = append(objects, o)
	}
	return objects
}

// MakeStackSecret asks the provider to generate or copy a Secret: its value
// passes through no function and no composite.
func MakeStackSecret(s *stack.Stack, secret stack.Secret) *secretv1alpha1.StackSecret {
	out := &secretv1alpha1.StackSecret{
		TypeMeta:   metav1.TypeMeta{APIVersion: secretv1alpha1.GroupVersion.String(), Kind: "StackSecret"},
		ObjectMeta: makeClusterMeta(s, stack.Part{Kind: stack.PartSecret, Name: secret.Name}, secret.Name),
	}
	out.Spec.WriteConnectionSecretToReference = &xpv2.SecretReference{
		Namespace: s.Namespace, Name: names.SecretName(secret.Name),
	}
	if secret.CopyFrom != "" {
		out.Spec.ForProvider.CopyFrom = &secretv1alpha1.SecretReference{
			Namespace: s.Identity.ClaimNamespace, Name: secret.CopyFrom,
		}
		return out
	}
	out.Spec.ForProvider.Generate = &secretv1alpha1.Generate{Length: secret.GenerateLength}
	return out
}
