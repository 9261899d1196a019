#!/usr/bin/env bash
# How the window feels: start, first page of a large contract, memory, idle processor time, size of the UI. Builds in
# release first. The table is printed and kept in target/bench-desktop.md; arguments go to desktop.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

npm run --silent ui:build
cargo build --release --quiet -p countersign-desktop --features e2e --bin countersign-desktop-e2e
exec python3 -B scripts/bench/desktop.py "$@"
