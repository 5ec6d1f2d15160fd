// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package expand

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	databasev1alpha1 "github.com/microstaging/preview-stacks/apis/database/v1alpha1"
	"github.com/microstaging/preview-stacks/internal/names"
	"github.com/microstaging/preview-stacks/internal/stack"
)

// DatabaseKey is the key of a database's object.
func DatabaseKey(database string) string { return "database-" + database }

func databases(s *stack.Stack, _ map[string]int64) []Object {
	var objects []Object
	for _, d := range s.Databases {
		objects = append(objects, Object{
			Key: DatabaseKey(d.Name), Part: stack.Part{Kind: stack.PartDatabase, Name: d.Name}, Role: RoleData,
			Object: MakeDatabaseBranch(s, d), NeedsCRD: "databasebranches." + databasev1alpha1.GroupVersion.Group,
		})
	}
	return objects
}

// MakeDatabaseBranch asks the provider for a branch of a golden database, with
// its connection in the preview namespace.
func MakeDatabaseBranch(s *stack.Stack, d stack.Database) *databasev1alpha1.DatabaseBranch {
	b := &databasev1alpha1.DatabaseBranch{
		TypeMeta:   metav1.TypeMeta{APIVersion: databasev1alpha1.GroupVersion.String(), Kind: "DatabaseBranch"},
		ObjectMeta: makeClusterMeta(s, stack.Part{Kind: stack.PartDatabase, Name: d.Name}, d.Name),
	}
	b.Spec.WriteConnectionSecretToReference = &xpv2.SecretReference{
		Namespace: s.Namespace, Name: names.DatabaseSecretName(d.Name),
	}
	b.Spec.ForProvider = databasev1alpha1.DatabaseBranchParameters{
		Engine:    string(d.Engine),
		GoldenRef: databasev1alpha1.GoldenReference{Name: d.Golden},
	}
	// A composite without a claim is the platform's own; goldens that allow
	// certain claims only refuse it.
	if ns := s.Identity.ClaimNamespace; ns != "" {
		b.Spec.ForProvider.ClaimRef = &databasev1alpha1.ClaimReference{
			Namespace: ns, Name: s.Identity.ClaimName, Repository: s.Source.Repository,
		}
	}
	return b
}
