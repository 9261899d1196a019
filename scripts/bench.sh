#!/usr/bin/env bash
# What `make bench` runs: builds in release, then measures against pyHanko's API, the floor and raw C_Sign.
# The table is printed and kept in target/bench.md. Needs about 3.5 GB on the disk for its time; arguments go to run.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${COUNTERSIGN_PYTHON:-.venv/bin/python}
if ! "$python" -c 'import pyhanko, pkcs11' 2>/dev/null; then
    printf 'bench: pyHanko is missing (.venv); make setup brings it.\n' >&2
    exit 1
fi
cargo build --release --quiet -p countersign-cli -p countersign-token --bin countersign --example raw_sign
exec "$python" -B scripts/bench/run.py "$@"
