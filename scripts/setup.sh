#!/usr/bin/env bash
# Brings a Debian 12 / Ubuntu machine to where `make demo` and `make test` run. Does nothing, quickly, when all is there.
#
# `setup.sh` is what the command line needs; `setup.sh app` adds what the window is built with; `setup.sh desktop` adds what
# its tests drive: a virtual display, a window manager, a browser, a WebDriver.
#
# System packages come from apt: as root, or through a sudo that asks nothing; otherwise the exact line to run is printed
# and this stops with status 1. Rust is never installed from here. Node is optional: without it there is no development
# chain, and the demo falls back to the local journal.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly SCOPE=${1:-base}
readonly MIN_CARGO_MINOR=95
readonly MIN_NODE=20

say() { printf 'setup: %s\n' "$*" >&2; }
warn() { printf '\n!!! setup: %s\n\n' "$*" >&2; }
stop() {
    printf '\nsetup: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

case $SCOPE in
base | app | desktop) ;;
*) stop "unknown: $SCOPE (nothing, app or desktop)" ;;
esac

softhsm_module() {
    local path
    for path in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so /usr/lib64/pkcs11/libsofthsm2.so \
        /usr/local/lib/softhsm/libsofthsm2.so; do
        [[ -f $path ]] && return 0
    done
    return 1
}

# The packages that are missing, one a line.
missing_packages() {
    { softhsm_module && have softhsm2-util; } || echo softhsm2
    have pkcs11-tool || echo opensc
    { have pdfsig && have pdftotext && have pdfinfo; } || echo poppler-utils
    have qpdf || echo qpdf
    have openssl || echo openssl
    # Kills the program at chosen system calls, for the tests of resuming.
    have strace || echo strace
    # ring and SQLite are compiled from C.
    have cc || echo build-essential
    have python3 || echo python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    if [[ $SCOPE != base ]]; then window_packages; fi
    if [[ $SCOPE == desktop ]]; then window_test_packages; fi
}

# What the window is built with; it runs with webkit2gtk, GTK 3 and a Chinese font.
window_packages() {
    have pkg-config || echo pkg-config
    pkg-config --exists webkit2gtk-4.1 2>/dev/null || echo libwebkit2gtk-4.1-dev
    pkg-config --exists gtk+-3.0 2>/dev/null || echo libgtk-3-dev
    [[ -n $(fc-list :lang=zh-cn family 2>/dev/null) ]] || echo fonts-noto-cjk
}

window_test_packages() {
    have WebKitWebDriver || echo webkit2gtk-driver
    have Xvfb || echo xvfb
    have xauth || echo xauth
    have dbus-run-session || echo dbus
    # Typing into native dialogs needs a window manager that gives them the focus.
    have openbox || echo openbox
    have xdotool || echo xdotool
    have import || echo imagemagick
    have chromium || have chromium-browser || echo chromium
    # Counting what leaves the machine.
    have ip || echo iproute2
}

system_packages() {
    local -a missing
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    have apt-get || stop "missing: ${missing[*]} (Debian names), and there is no apt-get here; install them, then run make again."
    local -a install=(apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}")
    local -a update=(apt-get -o DPkg::Lock::Timeout=300 update)
    local -a as_root=(env DEBIAN_FRONTEND=noninteractive)
    if ((EUID != 0)); then
        if have sudo && sudo -n true 2>/dev/null; then
            as_root=(sudo -n env DEBIAN_FRONTEND=noninteractive)
        else
            printf '\nsetup: these system packages are missing: %s\n' "${missing[*]}" >&2
            printf 'setup: run this line as root, then run make again:\n\n' >&2
            printf '    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends %s\n\n' \
                "${missing[*]}" >&2
            exit 1
        fi
    fi
    say "installing with apt: ${missing[*]}"
    # An old list may still do; the installation tells.
    "${as_root[@]}" "${update[@]}" -qq >&2 || warn "apt-get update failed; trying with the package lists that are here"
    "${as_root[@]}" "${install[@]}" -qq >&2 || stop "apt-get could not install: ${missing[*]}"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) || stop "still missing after the installation: ${missing[*]}"
}

rust() {
    have cargo || stop "cargo is missing; install Rust 1.$MIN_CARGO_MINOR or newer (rustup), then run make again."
    local version major minor
    version=$(cargo --version | awk '{ print $2 }')
    IFS=. read -r major minor _ <<<"$version"
    ((major > 1 || (major == 1 && minor >= MIN_CARGO_MINOR))) ||
        stop "cargo is $version, 1.$MIN_CARGO_MINOR is needed; 'rustup update stable' brings it."
}

# Whether a stamp says that a folder was made from exactly this input.
fresh() { [[ -f $1 && $(<"$1") == "$2" ]]; }

node_packages() {
    [[ -f package-lock.json ]] || return 0
    local without="The demo will use --chain journal; tests of the development chain are skipped."
    if ! have node || ! have npm; then
        warn "node or npm is missing: no development chain. $without"
        return 0
    fi
    local version
    version=$(node --version)
    version=${version#v}
    if ((${version%%.*} < MIN_NODE)); then
        warn "node is $version, $MIN_NODE is needed: no development chain. $without"
        return 0
    fi
    local stamp=node_modules/.countersign-stamp sum
    sum=$(sha256sum package-lock.json)
    if fresh "$stamp" "$sum"; then
        return 0
    fi
    say "npm ci (development chain and contract compiler)"
    if npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
        printf '%s\n' "$sum" >"$stamp"
    else
        warn "npm ci failed: no development chain. $without"
    fi
}

python_packages() {
    local requirements=tests/requirements.txt stamp=.venv/.countersign-stamp sum
    [[ -f $requirements ]] || return 0
    sum="$(sha256sum "$requirements") $(python3 --version)"
    if fresh "$stamp" "$sum" && [[ -x .venv/bin/python ]]; then
        return 0
    fi
    say "making .venv (pyHanko and certomancer, independent judges for the tests)"
    if python3 -m venv --clear .venv >&2 &&
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2; then
        printf '%s\n' "$sum" >"$stamp"
    else
        warn "the Python judges could not be installed: the demo runs without them, 'make test' will not pass without them."
    fi
}

rust
system_packages
node_packages
python_packages
