#!/usr/bin/env bash
# Everything that `make test` checks, each step with its time. Every step runs even when an earlier one failed.
# The last line is "N passed, N failed", summed over what the test runners counted; the status is 1 when any step failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
steps=()
failed_steps=0

# step NAME COMMAND…: runs it, shows its output, keeps it for counting.
step() {
    local name=$1 began=$SECONDS result=ok
    shift
    printf '\n== %s\n' "$name"
    if ! "$@" 2>&1 | tee -a "$log"; then
        result=FAILED
        failed_steps=$((failed_steps + 1))
    fi
    steps+=("$(printf '%5d s  %-6s  %s' $((SECONDS - began)) "$result" "$name")")
}

judges() {
    if .venv/bin/python -c 'import pyhanko, certomancer'; then
        return 0
    fi
    printf '!!! The Python judges are missing (.venv); what they would judge is not tested.\n'
    [[ ${COUNTERSIGN_WITHOUT_JUDGES:-} == 1 ]]
}

python_checks() {
    local check status=0
    for check in "$@"; do
        if .venv/bin/python "$check"; then
            printf 'test result: ok. 1 passed; 0 failed; %s\n' "$check"
        else
            printf 'test result: FAILED. 0 passed; 1 failed; %s\n' "$check"
            status=1
        fi
    done
    return "$status"
}

# The development chain is found wherever the target folder lies.
for anvil in "$PWD"/node_modules/@foundry-rs/anvil-*/bin/anvil; do
    if [[ -x $anvil && -z ${COUNTERSIGN_ANVIL:-} ]]; then
        export COUNTERSIGN_ANVIL=$anvil
    fi
done

# A judge that is missing is a failure here, never a silent skip.
if [[ ${COUNTERSIGN_WITHOUT_JUDGES:-} != 1 ]]; then
    export COUNTERSIGN_REQUIRE_JUDGES=1
fi

# The window's end-to-end tests need a program that WebDriver may drive: built once, with the same features everywhere.
readonly WHOLE=(--workspace --features countersign-desktop/e2e)

step "judges" judges
step "format" cargo fmt --all --check
step "window: build" scripts/app-ui.sh
if [[ -x node_modules/.bin/vitest ]]; then
    step "window: types and lint" npm run --silent ui:check
    step "window: unit tests" npm run --silent ui:test
fi
step "clippy" cargo clippy "${WHOLE[@]}" --all-targets -- -D warnings
# The suites drive the programs themselves, as people do.
step "build" cargo build "${WHOLE[@]}"
step "tests" cargo test "${WHOLE[@]}" --no-fail-fast
if [[ -x node_modules/.bin/vitest ]]; then
    step "window: in a browser" npm run --silent ui:e2e
fi
shopt -s nullglob
checks=(tests/python/check_*.py)
if ((${#checks[@]})) && [[ -x .venv/bin/python ]]; then
    step "python checks" python_checks "${checks[@]}"
fi
if [[ -f package.json && -d node_modules/solc ]]; then
    step "contract bytecode" npm run --silent contract:check
fi

for table in target/interop-matrix.md target/readers-table.md; do
    if [[ -f $table ]]; then
        printf '\n'
        cat "$table"
    fi
done
printf '\n'
printf '%s\n' "${steps[@]}"
if ((failed_steps)); then
    printf '%d of %d steps failed\n' "$failed_steps" "${#steps[@]}"
fi
awk '/^test result: / { passed += $4; failed += $6 } END { printf "%d passed, %d failed\n", passed, failed }' "$log"
((failed_steps == 0))
