#!/usr/bin/env bash
# Makes ui/dist, the files that are built into the desktop program. Does nothing, quickly, when they are current.
#
# Without node there is a page that says so: the Rust side can still be checked, but no window that can be used is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly STAMP=target/ui-dist.stamp

sources() {
    find ui vite.config.ts package-lock.json -path ui/dist -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
}

if [[ ! -x node_modules/.bin/vite ]]; then
    if [[ ! -f ui/dist/index.html ]]; then
        mkdir -p ui/dist
        printf '<!doctype html>\n<title>Countersign</title>\n<p>Built without node: there is no window here.\n' >ui/dist/index.html
    fi
    printf '!!! app-ui: node packages are missing; the window is a stub\n' >&2
    exit 0
fi

sum=$(sources | sha256sum)
if [[ -f ui/dist/index.html && -f $STAMP && $(<"$STAMP") == "$sum" ]]; then
    exit 0
fi
npm run --silent ui:build >&2
mkdir -p target
printf '%s\n' "$sum" >"$STAMP"
