# Names only; the work is done by cargo and scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup build demo app package test bench check sample clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing (apt, npm, a Python venv); quick when nothing is
	@scripts/setup.sh

build: ## build everything, the window too
	@scripts/setup.sh app
	@scripts/app-ui.sh
	cargo build --workspace

demo: setup ## sign a sample contract from opening to verifying, with practice means
	cargo build -p countersign-cli
	cargo run -q -p countersign-cli -- demo --dir demo-output
	@scripts/app-demo.sh

app: ## install what a desktop build needs, build the window and open it
	@scripts/app.sh

package: ## make the deb and the rpm
	@scripts/package.sh

test: ## format, clippy, all tests, Python and contract checks
	@scripts/setup.sh desktop
	@scripts/test.sh

bench: setup ## measure against pyHanko and the floor
	@scripts/bench.sh

check: ## format and clippy only
	@scripts/app-ui.sh
	cargo fmt --all --check
	cargo clippy --workspace --features countersign-desktop/e2e --all-targets -- -D warnings

sample: setup ## make sample/contract.pdf anew from its source
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements-sample.txt
	.venv/bin/python scripts/make-sample.py

clean: ## remove what was built and what the demo left
	cargo clean
	rm -rf demo-output
