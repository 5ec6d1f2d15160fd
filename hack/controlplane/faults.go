// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package controlplane

import (
	_ "embed"
	"fmt"
	"os"
)

// Images whose pods fail on KWOK nodes, each in a way of its own. Pods with any
// other image are Ready at once, or complete if a Job made them.
const (
	// ImageMissing cannot be pulled.
	ImageMissing = "fault.example.com/missing:1"

	// ImageCrash exits with status 1 after the last words FaultLastWords.
	ImageCrash = "fault.example.com/crash:1"

	// ImageUnready runs and never becomes ready.
	ImageUnready = "fault.example.com/unready:1"

	// ImageHeld runs; as a Job's it completes once its pod has the annotation
	// ReleaseAnnotation.
	ImageHeld = "fault.example.com/held:1"
)

const (
	// FaultLastWords is the termination message of ImageCrash.
	FaultLastWords = "boom: the database said no"

	// ReleaseAnnotation lets a pod of ImageHeld go on.
	ReleaseAnnotation = "microstaging.dev/release"
)

//go:embed stages/faults.yaml
var faultStages []byte

// writeFaultStages writes the stages of these images where KWOK can read them.
func (cp *ControlPlane) writeFaultStages() (string, error) {
	path := cp.state("faults.yaml")
	if err := os.WriteFile(path, faultStages, 0o600); err != nil {
		return "", fmt.Errorf("cannot write stages for KWOK: %w", err)
	}
	return path, nil
}
