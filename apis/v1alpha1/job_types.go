// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// A JobPhase says when a job runs.
//
// +kubebuilder:validation:Enum=PreDeploy;PostDeploy
type JobPhase string

// Job phases.
const (
	// JobPreDeploy runs before a revision is rolled out; services that the
	// job does not depend on wait for it.
	JobPreDeploy JobPhase = "PreDeploy"
	// JobPostDeploy runs once all services are ready.
	JobPostDeploy JobPhase = "PostDeploy"
)

// A JobRun says how often a job runs.
//
// +kubebuilder:validation:Enum=Once;EachRevision
type JobRun string

// Job runs.
const (
	JobOnce         JobRun = "Once"
	JobEachRevision JobRun = "EachRevision"
)

// A Job runs to completion.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.phase) && has(self.schedule))",message="a job has a phase (PreDeploy, PostDeploy) or a schedule, not both"
// +kubebuilder:validation:XValidation:rule="!(has(self.run) && has(self.schedule))",message="run (Once, EachRevision) goes with a phase; a scheduled job runs by its schedule"
type Job struct {
	Container `json:",inline"`

	// Phase to run in. Default: PreDeploy, where no schedule is set.
	// +optional
	Phase JobPhase `json:"phase,omitempty"`

	// Run: Once in the life of the stack, or for EachRevision.
	// Default: EachRevision
	// +optional
	Run JobRun `json:"run,omitempty"`

	// Schedule in cron's five fields, in UTC. Example: "*/15 * * * *"
	// +optional
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="self.matches('^@(yearly|monthly|weekly|daily|hourly)$') || self.matches('^([0-9A-Za-z*/,?-]+ +){4}[0-9A-Za-z*/,?-]+$')",message="schedule cannot be used: write cron's five fields (minute hour day month weekday), for example \"*/15 * * * *\"",messageExpression="'schedule is \"' + self + '\": write cron\\'s five fields (minute hour day month weekday), for example \"*/15 * * * *\"'"
	Schedule string `json:"schedule,omitempty"`

	// Timeout after which a run is stopped and counts as failed. Default: 10m
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{1,5}(h|m|s))+$') && self.matches('[1-9]')",message="timeout is not a duration: write minutes or hours, for example \"10m\"",messageExpression="'timeout is \"' + self + '\", which is not a duration: write minutes or hours, for example \"10m\"'"
	Timeout string `json:"timeout,omitempty"`

	// Retries after a failed run, 0 to 5. Default: 1
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	Retries *int32 `json:"retries,omitempty"`
}
