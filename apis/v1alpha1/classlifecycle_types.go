// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// ClassLifecycle bounds and defaults the life of a stack.
//
// +kubebuilder:validation:XValidation:rule="!(self.ttl.matches('^([0-9]{1,5}(h|m|s))+$') && self.maxTTL.matches('^([0-9]{1,5}(h|m|s))+$')) || duration(self.ttl) <= duration(self.maxTTL)",message="lifecycle.ttl is longer than lifecycle.maxTTL: lower ttl, or raise maxTTL",messageExpression="'lifecycle.ttl is ' + self.ttl + ', longer than lifecycle.maxTTL, which is ' + self.maxTTL + ': lower ttl, or raise maxTTL'"
type ClassLifecycle struct {
	// TTL of a stack that names none. Default: 4h
	// +optional
	// +kubebuilder:default="4h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="ttl is not a duration: write hours or minutes, for example \"4h\"",messageExpression="'ttl is \"' + self + '\", which is not a duration: write hours or minutes, for example \"4h\"'"
	TTL string `json:"ttl,omitempty"`

	// MaxTTL that a claim may ask for. Default: 72h
	// +optional
	// +kubebuilder:default="72h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="maxTTL is not a duration: write hours, for example \"72h\"",messageExpression="'maxTTL is \"' + self + '\", which is not a duration: write hours, for example \"72h\"'"
	MaxTTL string `json:"maxTTL,omitempty"`

	// AllowNever lets a claim ask for ttl: Never. Default: false
	// +optional
	AllowNever bool `json:"allowNever,omitempty"`

	// CloseGrace of a stack that names none. Default: 30m
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="closeGrace is not a duration: write hours or minutes, for example \"30m\"",messageExpression="'closeGrace is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\"'"
	CloseGrace string `json:"closeGrace,omitempty"`

	// MaxPin is how long a pin holds. Default: 168h
	// +optional
	// +kubebuilder:default="168h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="maxPin is not a duration: write hours or minutes, for example \"168h\"",messageExpression="'maxPin is \"' + self + '\", which is not a duration: write hours or minutes, for example \"168h\"'"
	MaxPin string `json:"maxPin,omitempty"`

	// WarnBefore the deadline by an event; a deadline that is moved back leaves
	// at least this long. Default: 30m
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="warnBefore is not a duration: write hours or minutes, for example \"30m\"",messageExpression="'warnBefore is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\"'"
	WarnBefore string `json:"warnBefore,omitempty"`

	// DeleteAfter the deadline the claim is deleted, with onExpire Delete. Until
	// then an extension brings the stack back. Default: 24h
	// +optional
	// +kubebuilder:default="24h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="deleteAfter is not a duration: write hours or minutes, for example \"24h\"",messageExpression="'deleteAfter is \"' + self + '\", which is not a duration: write hours or minutes, for example \"24h\"'"
	DeleteAfter string `json:"deleteAfter,omitempty"`

	// DeleteTracked deletes claims although a living Argo CD Application tracks
	// them, and would make them anew. Default: false
	// +optional
	DeleteTracked bool `json:"deleteTracked,omitempty"`

	// DryRun deletes no claim, and says which it would. Default: false
	// +optional
	DryRun bool `json:"dryRun,omitempty"`

	// KeepReceipts of stacks that ended. Default: 168h
	// +optional
	// +kubebuilder:default="168h"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$')",message="keepReceipts is not a duration: write hours or minutes, for example \"168h\"",messageExpression="'keepReceipts is \"' + self + '\", which is not a duration: write hours or minutes, for example \"168h\"'"
	KeepReceipts string `json:"keepReceipts,omitempty"`

	// Orphans: what becomes of objects whose stack is gone. Default: Report
	// +optional
	// +kubebuilder:default=Report
	Orphans OrphanPolicy `json:"orphans,omitempty"`
}

// An OrphanPolicy says what becomes of objects whose stack is gone.
//
// +kubebuilder:validation:Enum=Report;Remove
type OrphanPolicy string

// Orphan policies.
const (
	// OrphansReport names them by event and metric.
	OrphansReport OrphanPolicy = "Report"
	// OrphansRemove deletes them, too.
	OrphansRemove OrphanPolicy = "Remove"
)

// A SleepMode says what puts stacks to sleep.
//
// +kubebuilder:validation:Enum=Never;Schedule;Traffic
type SleepMode string

// Sleep modes.
const (
	// SleepNever: stacks sleep only by command.
	SleepNever SleepMode = "Never"
	// SleepSchedule: the schedules put them to sleep.
	SleepSchedule SleepMode = "Schedule"
	// SleepTraffic: the lack of traffic does, too.
	SleepTraffic SleepMode = "Traffic"
)

// A ClassSleep says when stacks sleep: nothing of them runs, and all of them is
// kept.
type ClassSleep struct {
	// Mode. Traffic needs KEDA and its HTTP add-on; in a cluster without, and
	// for stacks whose URLs cannot lead through it, it is Schedule.
	// Default: Never
	// +optional
	// +kubebuilder:default=Never
	Mode SleepMode `json:"mode,omitempty"`

	// After so long without traffic a stack sleeps, unless its claim says
	// otherwise; one that came up, or was woken by command, is awake for as
	// long. Default: 30m
	// +optional
	// +kubebuilder:default="30m"
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="after is not a duration: write hours or minutes, for example \"30m\"",messageExpression="'after is \"' + self + '\", which is not a duration: write hours or minutes, for example \"30m\"'"
	After string `json:"after,omitempty"`

	// Schedules during which stacks sleep, such as nights and weekends, unless
	// they sleep by traffic. A command wakes one all the same, for as long as
	// After.
	// +optional
	// +kubebuilder:validation:MaxItems=10
	// +listType=atomic
	Schedules []SleepWindow `json:"schedules,omitempty"`

	// Auth that the route to the HTTP add-on's interceptor asks for. It is the
	// platform's, and serves all stacks that sleep for lack of traffic; a stack
	// whose URLs ask for another has routes of its own, and does not.
	// Default: None
	// +optional
	// +kubebuilder:default=None
	Auth AuthMode `json:"auth,omitempty"`

	// Scaler is the address of the HTTP add-on's external scaler.
	// Default: keda-add-ons-http-external-scaler.keda:9090
	// +optional
	// +kubebuilder:default="keda-add-ons-http-external-scaler.keda:9090"
	// +kubebuilder:validation:MaxLength=253
	Scaler string `json:"scaler,omitempty"`

	// InterceptorNamespace is where the HTTP add-on's interceptor runs; stacks
	// let it in. Default: keda
	// +optional
	// +kubebuilder:default=keda
	// +kubebuilder:validation:MaxLength=63
	InterceptorNamespace string `json:"interceptorNamespace,omitempty"`
}

// A Weekday is a day of the week.
//
// +kubebuilder:validation:Enum=Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday
type Weekday string

// A SleepWindow is a time of the day on some days.
type SleepWindow struct {
	// Days on which it begins. Default: all
	// +optional
	// +kubebuilder:validation:MaxItems=7
	// +listType=set
	Days []Weekday `json:"days,omitempty"`

	// From the time of day, 24 hours. Example: "20:00"
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="from is not a time of day: write hours and minutes, for example \"20:00\"",messageExpression="'from is \"' + self + '\", which is not a time of day: write hours and minutes, for example \"20:00\"'"
	From string `json:"from"`

	// To the time of day; not after From means the next day. 24:00 is the end
	// of the day. Example: "07:00"
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')",message="to is not a time of day: write hours and minutes, for example \"07:00\"",messageExpression="'to is \"' + self + '\", which is not a time of day: write hours and minutes, for example \"07:00\"'"
	To string `json:"to"`

	// TimeZone of the times. Default: UTC. Example: Europe/Berlin
	// +optional
	// +kubebuilder:default=UTC
	// +kubebuilder:validation:MaxLength=64
	TimeZone string `json:"timeZone,omitempty"`
}
