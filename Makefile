# The commands of this repository. `make demo` and `make test` do all of their own set-up.

.DEFAULT_GOAL := help
.PHONY: help demo test lint ui e2e course oracle bench services services-down

# Arguments for what a target runs, for example: make demo ARGS="--listen 127.0.0.1:9000"
ARGS ?=

# A shell that was open while rustup ran does not have cargo in its PATH yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build and start the tutor with everything in one process
	@deploy/dev/prerequisites.sh build
	cargo run --locked --no-default-features --bin learnflow -- demo $(ARGS)

test: ## run every test, against a real PostgreSQL and a real Kafka
	@deploy/dev/prerequisites.sh build
	deploy/dev/test.sh $(ARGS)

lint: ## check format, lints and documentation; warnings are errors
	@deploy/dev/prerequisites.sh build
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --package learnflow --no-default-features --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

ui: ## build the web pages into api/ui/dist, which is committed
	@deploy/dev/prerequisites.sh node
	cd api/ui && npm ci --ignore-scripts --no-audit --no-fund && npm run build

e2e: ## play the web pages in Chromium against the demo
	deploy/dev/e2e.sh $(ARGS)

course: ## check the course: its files, and its programs with CPython
	@deploy/dev/prerequisites.sh build python
	cargo run --quiet --locked --no-default-features --bin learnflow -- course check engine/course
	python3 deploy/dev/course_check.py engine/course

oracle: ## compare formulas and schemas with pyBKT, py-fsrs and jsonschema
	@deploy/dev/prerequisites.sh build python
	deploy/dev/oracle.sh

bench: ## run the micro-benchmarks
	@deploy/dev/prerequisites.sh build
	cargo bench --locked --package learnflow-benches $(ARGS)

services: ## start PostgreSQL and Kafka on free loopback ports and print the settings
	@deploy/dev/services.sh up

services-down: ## stop them and delete their data
	@deploy/dev/services.sh down
