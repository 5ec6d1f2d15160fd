// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Keys of a branch's connection secret.
const (
	KeyURL      = "url"
	KeyHost     = "host"
	KeyPort     = "port"
	KeyDatabase = "database"
	KeyUsername = "username"
	KeyPassword = "password"
)

// A DatabaseBranch is one stack's own copy of a masked golden database. Stacks
// compose it; the provider makes it, hands its connection out as a Secret in
// the preview namespace, and drops it with the stack.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,managed,preview}
// +kubebuilder:printcolumn:name="READY",type="string",JSONPath=".status.conditions[?(@.type=='Ready')].status"
// +kubebuilder:printcolumn:name="GOLDEN",type="string",JSONPath=".spec.forProvider.goldenRef.name"
// +kubebuilder:printcolumn:name="AGE",type="date",JSONPath=".metadata.creationTimestamp"
type DatabaseBranch struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec DatabaseBranchSpec `json:"spec"`
	// +optional
	Status DatabaseBranchStatus `json:"status,omitempty"`
}

// A DatabaseBranchList is a list of DatabaseBranches.
//
// +kubebuilder:object:root=true
type DatabaseBranchList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DatabaseBranch `json:"items"`
}

// A DatabaseBranchSpec says which golden to branch, and for whom.
type DatabaseBranchSpec struct {
	xpv2.ClusterManagedResourceSpec `json:",inline"`
	// ForProvider is what the branch should be.
	ForProvider DatabaseBranchParameters `json:"forProvider"`
}

// DatabaseBranchParameters describe the branch.
type DatabaseBranchParameters struct {
	// Engine of the database.
	// +kubebuilder:validation:Enum=Postgres
	Engine string `json:"engine"`

	// GoldenRef names the DatabaseGolden to branch. It cannot change: a branch
	// of another golden is another branch.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="goldenRef is immutable: a branch of another golden is a new DatabaseBranch"
	GoldenRef GoldenReference `json:"goldenRef"`

	// ClaimRef names the claim the branch is for; the golden's allowedClaims
	// are held against it.
	// +optional
	ClaimRef *ClaimReference `json:"claimRef,omitempty"`

	// ValidUntil is the deadline after which the branch's logins are refused
	// by the database server itself, RFC 3339. Default: none
	// +optional
	ValidUntil *metav1.Time `json:"validUntil,omitempty"`
}

// A GoldenReference names a DatabaseGolden.
type GoldenReference struct {
	// Name of the DatabaseGolden.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
}

// A ClaimReference names a claim and the repository it shows.
type ClaimReference struct {
	// Namespace of the claim.
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`
	// Name of the claim.
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// Repository it shows.
	// +kubebuilder:validation:MaxLength=200
	Repository string `json:"repository"`
}

// A DatabaseBranchStatus says where the branch stands.
type DatabaseBranchStatus struct {
	xpv2.ManagedResourceStatus `json:",inline"`

	// AtProvider is what the database server says.
	// +optional
	AtProvider DatabaseBranchObservation `json:"atProvider,omitempty"`

	// CredentialsVersion counts rotations; pods are rolled when it moves.
	// +optional
	CredentialsVersion int64 `json:"credentialsVersion,omitempty"`
}

// A DatabaseBranchObservation is what the database server says.
type DatabaseBranchObservation struct {
	// Database name on the server.
	// +optional
	Database string `json:"database,omitempty"`
	// GoldenVersion that was branched.
	// +optional
	GoldenVersion string `json:"goldenVersion,omitempty"`
	// PolicyDigest of the masking policy that the golden attests.
	// +optional
	PolicyDigest string `json:"policyDigest,omitempty"`
}
