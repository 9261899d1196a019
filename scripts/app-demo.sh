#!/usr/bin/env bash
# After the demo: offers to open the window on the contract that it finished. Silent unless a person is at a terminal, a
# display is there, and the window is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${CARGO_TARGET_DIR:-target}/debug/countersign-desktop
if [[ ! -t 0 || ! -t 1 || -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
    exit 0
fi
if [[ ! -x $program ]]; then
    printf '\n"make app" builds the window in which this goes on.\n'
    exit 0
fi
signed=
for file in demo-output/signed*.pdf; do
    if [[ -f $file && (-z $signed || $file -nt $signed) ]]; then signed=$file; fi
done
if [[ -z $signed ]]; then exit 0; fi

printf '\nOpen %s in the window? 在窗口中打开？ [y/N] ' "$signed"
read -r answer || exit 0
if [[ $answer == [yY]* ]]; then
    exec "$program" --home demo-output/home --verify "$signed"
fi
