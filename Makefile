# Names only; the work is done by cargo and scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench check sample clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (apt, npm, a Python venv); quick when nothing is
	@scripts/setup.sh

build: setup ## build everything
	cargo build --workspace

demo: setup ## sign a sample contract from opening to verifying, with practice means
	cargo build -p countersign-cli
	cargo run -q -p countersign-cli -- demo --dir demo-output

test: setup ## format, clippy, all tests, Python and contract checks
	@scripts/test.sh

bench: setup ## measure against pyHanko and the floor
	@scripts/bench.sh

check: ## format and clippy only
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

sample: setup ## make sample/contract.pdf anew from its source
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements-sample.txt
	.venv/bin/python scripts/make-sample.py

clean: ## remove what was built and what the demo left
	cargo clean
	rm -rf demo-output
