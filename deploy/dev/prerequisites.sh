#!/usr/bin/env bash
# Installs what a build needs and is not there yet; says what it lacks when it may not install.
#
# usage: prerequisites.sh build|node|browser|python|clock...
#   build    Rust is expected; a C and C++ compiler, make, zlib's headers, pkg-config
#   node     Node.js 20 or newer with npm (never installed: Debian 12's own is older)
#   browser  Chromium, for the end-to-end tests
#   clock    libfaketime, for tests of a process whose clock is ahead
#   python   Python 3.11 or newer with virtual environments, to compare with other implementations
set -euo pipefail

readonly NODE_MAJOR=20
missing=()

need() { # COMMAND PACKAGE...
    local name=$1
    shift
    command -v "$name" >/dev/null || missing+=("$@")
}

need_build() {
    # rustup's default place, for shells that have not read its environment file yet
    if ! command -v cargo >/dev/null && [[ ! -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
        echo "prerequisites: cargo is missing: install Rust 1.95 or newer with rustup" >&2
        exit 1
    fi
    need cc gcc libc6-dev
    need c++ g++
    need make make
    need pkg-config pkg-config
    [[ -e /usr/include/zlib.h ]] || missing+=(zlib1g-dev)
}

need_node() {
    local version=none major=0
    if command -v node >/dev/null && command -v npm >/dev/null; then
        version=$(node --version) # v20.20.2
        major=${version#v}
        major=${major%%.*}
    fi
    if ((major < NODE_MAJOR)); then
        echo "prerequisites: Node.js $NODE_MAJOR or newer with npm is missing (found: $version)" >&2
        exit 1
    fi
}

need_python() {
    need python3 python3 python3-venv
    # Debian packs the rest of the standard library's `venv` apart.
    if command -v python3 >/dev/null && ! python3 -c 'import ensurepip' 2>/dev/null; then
        missing+=(python3-venv)
    fi
}

for group in "$@"; do
    case $group in
    build) need_build ;;
    node) need_node ;;
    browser) need chromium chromium ;;
    python) need_python ;;
    clock) need faketime faketime ;;
    *) echo "prerequisites: no group $group" >&2; exit 2 ;;
    esac
done

((${#missing[@]})) || exit 0
if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "prerequisites: please install: ${missing[*]}" >&2
    echo "prerequisites: on Debian: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
echo "prerequisites: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q </dev/null >&2
apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null >&2
