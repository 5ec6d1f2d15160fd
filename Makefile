# SPDX-FileCopyrightText: The Preview Stacks Authors
# SPDX-License-Identifier: Apache-2.0

# Every target is one command of this repository; the work is in Go, below hack.
# Tools are built from pinned modules into a cache outside the checkout
# (PREVIEW_CACHE moves it), so that only the first run waits for them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

GO ?= go

# The local cluster, or "existing" for the current kubeconfig context.
CLUSTER ?= local

# KEEP=1 leaves the demo's cluster running.
KEEP ?=

# Where publish pushes the packages to, such as ghcr.io/acme. No default: a
# push goes where it is told to.
REGISTRY ?=

# The release that packages carry.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo v0.0.0)

# Narrows a suite down, such as RUN=TestClaims.
RUN ?=

# Of soak, and of controlplane, which has small numbers: how many random lives
# are led and how many stacks a fleet has. SEED leads the lives of an earlier run.
COUNT ?=
STACKS ?=
SEED ?=
export COUNT STACKS SEED

suite = $(GO) test -count=1 -timeout=$(1) $(if $(RUN),-run '$(RUN)') -v

##@ Look around

.PHONY: help
help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## See a real application come up behind a URL (KEEP=1 leaves it up, CLUSTER=existing uses your cluster).
	$(GO) run ./hack/cmd/demo --cluster=$(CLUSTER) $(if $(REGISTRY),--registry=$(REGISTRY)) $(if $(KEEP),--keep)

.PHONY: cluster-up
cluster-up: ## Start the local cluster, with Crossplane and this project on it.
	$(GO) run ./hack/cmd/cluster up

.PHONY: cluster-down
cluster-down: ## Stop the local cluster and remove all it left.
	$(GO) run ./hack/cmd/cluster down

##@ Develop

.PHONY: generate
generate: ## Write deepcopy functions, CRDs, the XRD and the API reference from the Go types.
	$(GO) run ./hack/cmd/generate

.PHONY: verify
verify: ## Fail when a generated file is out of date.
	$(GO) run ./hack/cmd/generate --check

.PHONY: lint
lint: ## Check style, common mistakes, who imports whom, and the documentation.
	"$$($(GO) run ./hack/cmd/tools path golangci-lint)" run ./...
	$(GO) test -count=1 ./test/lint ./test/docs

.PHONY: clean
clean: ## Remove built packages and test results (the cache of tools stays).
	rm -rf _output
	$(GO) clean -testcache

##@ Test

.PHONY: test
test: verify lint test-unit test-api controlplane ## Run everything that needs no root.

.PHONY: test-unit
test-unit: ## Run unit tests, goldens and properties, with the race detector.
	@command -v $${CC:-gcc} >/dev/null || { echo 'the race detector needs a C compiler: install one, for example with apt-get install gcc libc6-dev' >&2; exit 2; }
	$(GO) test -race $(if $(RUN),-run '$(RUN)') $$($(GO) list ./... | grep -v /preview-stacks/test/)

.PHONY: test-api
test-api: ## Hold every rule of the API against a real API server.
	$(call suite,15m) ./test/api/...

.PHONY: controlplane
controlplane: ## Run claims through the real Crossplane, on nodes without containers.
	$(call suite,10m) -tags controlplane ./hack/controlplane
	$(call suite,60m) ./test/controlplane/...

# By estimate about two hours on two cores: 62 stacks are made in a minute, and 20
# lives led in five. What it prints is kept, without what the runner says of each
# life.
.PHONY: soak
soak: COUNT := $(or $(COUNT),200)
soak: STACKS := $(or $(STACKS),1000)
soak: ## Lead random lives and end a fleet at once (COUNT, STACKS, SEED); two hours.
	{ echo '# COUNT=$(COUNT) STACKS=$(STACKS)'; $(GO) test -count=1 -timeout=180m -run 'TestLives|TestFleet|TestSelfHeal' -v ./test/controlplane/...; } \
		| grep --line-buffered -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS: TestLives/)' | tee docs/soak-output.txt

.PHONY: e2e
e2e: ## Run the demo's path with real pods, asserted (Linux, root).
	$(call suite,10m) -tags e2e ./hack/localcluster
	$(call suite,45m) ./test/e2e/...

.PHONY: bench
bench: ## Measure the stack function against the goals for speed.
	$(GO) test -run '^$$' -bench '$(if $(RUN),$(RUN),.)' -benchmem ./functions/... ./internal/... ./test/bench/...

##@ Release

.PHONY: package
package: ## Build the Crossplane packages for linux/amd64 and linux/arm64 into _output.
	$(GO) run ./hack/cmd/xpkg build --version=$(VERSION)

.PHONY: publish
publish: ## Push the packages (REGISTRY=ghcr.io/acme VERSION=v0.1.0).
	@test -n "$(REGISTRY)" || { echo 'say where to push to, for example: make publish REGISTRY=ghcr.io/acme' >&2; exit 2; }
	$(GO) run ./hack/cmd/xpkg push --registry=$(REGISTRY) --version=$(VERSION)
