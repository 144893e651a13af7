# Everything starts here. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help up down status psql test test-cluster chaos fuzz bench build docs format lint clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

up: ## Install what is missing, build, start everything, and show the main job
	@scripts/up

down: ## Stop everything that `make up` has started; its data stays
	@scripts/stack stop

status: ## Show what runs, where, and where its log is
	@scripts/stack status

psql: ## Open psql as the DBA
	@env=$$(scripts/stack env) && unset $${!PG@} && eval "$$env" && \
	{ $${ARK_PG_BIN:?}/pg_isready -q || { echo 'psql: error: the stack is down' >&2; echo 'Start it with: make up' >&2; exit 1; }; } && \
	PSQLRC=sql/psqlrc exec psql -U dba -d ark

test: ## Run every test, on real servers of its own
	@scripts/test

test-cluster: ## Prove the admission policies on a cluster of 1.30 or newer: KUBECONFIG=…
	@KUBECONFIG="$(KUBECONFIG)" scripts/test-cluster

chaos: ## Mix failures by chance, as long as you ask: SEED=… MINUTES=…
	@scripts/chaos "$(SEED)" "$(MINUTES)"

fuzz: ## Compare the splitting of SQL scripts with psql's, by chance from a fixed seed, or another: SEED=… SECONDS=…
	@FUZZ_SEED="$(SEED)" FUZZ_SECONDS="$(or $(SECONDS),60)" scripts/test --filter SQLScriptTests.PropertyTests

bench: ## Measure what the rules cost, as ratios, on a PostgreSQL of its own
	@Benchmarks/run

build: ## Install what is missing and build
	@scripts/build

docs: ## Write docs/sql.md and docs/schema.sql from the database
	@scripts/docs

format: ## Format the Swift files
	@swift format --in-place --recursive Sources Tests Benchmarks Package.swift

lint: ## Check format, imports and scripts
	@scripts/lint

clean: ## Stop everything and remove its data and the build
	@scripts/stack destroy
	@rm -rf .build
