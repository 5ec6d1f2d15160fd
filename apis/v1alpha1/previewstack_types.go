// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// An XPreviewStack is one preview environment. Developers write the claim to
// it, a PreviewStack in the namespace of their team, which has the same spec
// and status; Crossplane keeps one XPreviewStack per claim.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,categories={crossplane,preview}
// +kubebuilder:printcolumn:name="PHASE",type="string",JSONPath=".status.phase"
// +kubebuilder:printcolumn:name="DETAIL",type="string",JSONPath=".status.detail"
// +kubebuilder:printcolumn:name="URL",type="string",JSONPath=".status.url"
// +kubebuilder:printcolumn:name="EXPIRES",type="string",JSONPath=".status.expiresAt"
type XPreviewStack struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec PreviewStackSpec `json:"spec"`
	// +optional
	Status PreviewStackStatus `json:"status,omitempty"`
}

// An XPreviewStackList is a list of XPreviewStacks.
//
// +kubebuilder:object:root=true
type XPreviewStackList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []XPreviewStack `json:"items"`
}

// A PreviewStackSpec says what one environment consists of. What it leaves out
// comes from the blueprint, then from the class.
//
// +kubebuilder:validation:XValidation:rule="has(self.blueprintRef) || (has(self.services) && self.services.size() > 0)",message="nothing to run: name a blueprint (spec.blueprintRef: {series: shop}) or list at least one service under spec.services"
type PreviewStackSpec struct {
	// ClassRef names the PreviewClass, the platform team's rules and defaults.
	// Default: the class labelled microstaging.dev/default-class=true.
	// Example: {name: standard}
	// +optional
	ClassRef *NameReference `json:"classRef,omitempty"`

	// BlueprintRef names the PreviewBlueprint this stack is a clone of: one by
	// name, or the newest of a series. It is resolved once and kept in
	// status.blueprint, so that a live stack does not change under its owner.
	// +optional
	BlueprintRef *BlueprintReference `json:"blueprintRef,omitempty"`

	// Source is the code this stack shows: repository, commit, pull request.
	Source Source `json:"source"`

	// Lifecycle bounds the life of the stack. What it leaves out comes from
	// the blueprint and the class; the class's bounds always hold.
	// +optional
	Lifecycle *Lifecycle `json:"lifecycle,omitempty"`

	StackTemplate `json:",inline"`
}

// A NameReference names a cluster-scoped object.
type NameReference struct {
	// Name of the object. Example: standard
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
}

// A BlueprintReference names a blueprint, or the series to take the newest of.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.series)",message="set exactly one of blueprintRef.name (one blueprint, such as shop-v3) and blueprintRef.series (its newest version, such as shop)"
type BlueprintReference struct {
	// Name of one PreviewBlueprint. Example: shop-v3
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name,omitempty"`

	// Series of blueprints (their spec.series); the newest by creation time is
	// taken when the stack is first made. Example: shop
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$')",message="series cannot be used: use letters, digits, hyphens, underscores and dots, for example \"shop\"",messageExpression="'series is \"' + self + '\": use letters, digits, hyphens, underscores and dots, for example \"shop\"'"
	Series string `json:"series,omitempty"`
}

// A Forge is a kind of Git hosting service.
//
// +kubebuilder:validation:Enum=GitHub;GitLab;Gitea;Bitbucket
type Forge string

// Forges.
const (
	ForgeGitHub    Forge = "GitHub"
	ForgeGitLab    Forge = "GitLab"
	ForgeGitea     Forge = "Gitea"
	ForgeBitbucket Forge = "Bitbucket"
)

// A Source says which code a stack shows. Whoever makes the claim sets it (the
// Argo CD ApplicationSet, the CI job), never the pull request's author.
type Source struct {
	// Forge that hosts the repository. Example: GitHub
	// +optional
	Forge Forge `json:"forge,omitempty"`

	// Repository as the forge writes it, with its groups. Example: acme/shop
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$') && !self.endsWith('.git')",message="repository cannot be used: write owner/name as the forge shows it, without protocol, host and .git, for example \"acme/shop\"",messageExpression="'repository is \"' + self + '\": write owner/name as the forge shows it, without protocol, host and .git, for example \"acme/shop\"'"
	Repository string `json:"repository"`

	// PullRequest number, 1 or more. Leave it out for a stack of a branch.
	// +optional
	// +kubebuilder:validation:Minimum=1
	PullRequest *int64 `json:"pullRequest,omitempty"`

	// Revision is the commit: 7 to 64 lower-case hexadecimal digits. A branch
	// or tag name is refused, for it would not say what runs.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9a-f]{7,64}$')",message="revision is not a commit: write its hash, 7 to 64 lower-case hexadecimal digits, for example \"9f1c2ab\"",messageExpression="'revision is \"' + self + '\", which is not a commit: write its hash, 7 to 64 lower-case hexadecimal digits, for example \"9f1c2ab\"'"
	Revision string `json:"revision"`

	// Branch the commit is on, for people to read. Example: feat/cart
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Branch string `json:"branch,omitempty"`

	// Author of the pull request, for people to read; trust is never derived
	// from it. Example: octocat
	// +optional
	// +kubebuilder:validation:MaxLength=100
	Author string `json:"author,omitempty"`
}

// A RenewEvent is an event that starts the TTL afresh.
//
// +kubebuilder:validation:Enum=Push
type RenewEvent string

// RenewOnPush renews the TTL on each new commit of the pull request.
const RenewOnPush RenewEvent = "Push"

// An ExpireAction says what happens at the deadline.
//
// +kubebuilder:validation:Enum=Retire;Delete
type ExpireAction string

// Expire actions.
const (
	// ExpireRetire removes everything that runs and keeps the claim as a
	// tombstone that a push or an extension brings back. Git does not notice.
	ExpireRetire ExpireAction = "Retire"
	// ExpireDelete deletes the claim too.
	ExpireDelete ExpireAction = "Delete"
)

// A Lifecycle bounds the life of a stack. Durations are hours, minutes and
// seconds: "4h", "90m", "1h30m".
type Lifecycle struct {
	// TTL from the last activity until the stack expires; Never only where
	// the class allows it. Default: the class's. Example: 4h
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == 'Never' || (self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]'))",message="ttl is not a duration: write hours or minutes, for example \"72h\"",messageExpression="'ttl is \"' + self + '\", which is not a duration: write hours or minutes, for example \"72h\"'"
	TTL string `json:"ttl,omitempty"`

	// RenewOn lists events that start the TTL afresh. Default: [Push]
	// +optional
	// +kubebuilder:validation:MaxItems=4
	// +listType=set
	RenewOn []RenewEvent `json:"renewOn,omitempty"`

	// OnExpire: Retire keeps the claim, Delete removes it. Default: Retire
	// +optional
	OnExpire ExpireAction `json:"onExpire,omitempty"`

	// CloseGrace is the time from the pull request's close to the end of the
	// stack. Default: the class's. Example: 30m
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="closeGrace is not a duration: write hours or minutes, for example \"30m\"",messageExpression="'closeGrace is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\"'"
	CloseGrace string `json:"closeGrace,omitempty"`

	// SleepAfter is the time without traffic after which the stack sleeps.
	// Default: the class's. Example: 30m
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self == 'Never' || (self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]'))",message="sleepAfter is not a duration: write hours or minutes, for example \"30m\", or Never",messageExpression="'sleepAfter is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\", or Never'"
	SleepAfter string `json:"sleepAfter,omitempty"`
}
