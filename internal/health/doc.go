// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

// Package health judges observed objects: is it ready, will time help, or has
// it failed for good, and in a few words why. Each kind is judged by its own
// rules, one file per kind; kinds it does not know are judged by their Ready
// condition if they have one, and are ready once they exist if they have none.
//
// From the pods of a stack it also says what a part really waits for: an image
// that cannot be pulled, a container that exits, a node that is full.
//
// What it says is stable: no elapsed times and no counters, so that a status
// made of it changes only when something changed. It decides nothing about
// what should exist, and reads no cluster and no clock.
package health
