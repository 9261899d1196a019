#!/usr/bin/env bash
# Builds the window and opens it. Arguments go to the program: `scripts/app.sh --home demo-output contract.pdf`.
#
# What a desktop build needs is installed by `scripts/setup.sh app`. Works on any display, a virtual one (Xvfb) included.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh app
scripts/app-ui.sh
cargo build -p countersign-desktop --bin countersign-desktop

if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
    printf 'app: built (target/debug/countersign-desktop), but there is no display to open it on\n' >&2
    exit 0
fi
exec "${CARGO_TARGET_DIR:-target}/debug/countersign-desktop" "$@"
