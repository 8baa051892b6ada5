#!/usr/bin/env bash
# Compares the engine's knowledge tracing and review scheduling with pyBKT and py-fsrs, and the
# course's files with their published schemas by jsonschema. All of those are installed into
# target/oracle-venv. Without them it is left out; with CI=true that is a failure,
# unless the package registry itself is out of reach.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/oracle-venv
pip=("$venv/bin/python" -m pip --quiet --disable-pip-version-check)

left_out() {
    if [[ ${CI:-} == true && $1 != unreachable ]]; then
        echo "oracle: $2" >&2
        exit 1
    fi
    echo "oracle: left out: $2"
    exit 0
}

# Any package will do: pip itself is in every registry.
registry_answers() {
    local scratch answer=0
    scratch=$(mktemp -d)
    "${pip[@]}" download --no-deps --dest "$scratch" pip >/dev/null 2>&1 || answer=$?
    rm -rf "$scratch"
    return "$answer"
}

if [[ ! -x $venv/bin/python ]] && ! python3 -m venv "$venv" >&2; then
    rm -rf "$venv"
    left_out missing "python3 can't make a virtual environment (on Debian: apt-get install python3-venv)"
fi
if ! "${pip[@]}" install --no-deps --requirement deploy/dev/oracle.txt >&2; then
    registry_answers || left_out unreachable "the package registry is out of reach"
    left_out missing "pip can't install deploy/dev/oracle.txt"
fi

vectors=$(mktemp)
trap 'rm -f "$vectors"' EXIT
cargo run --quiet --locked --package learnflow-engine --example progress_vectors >"$vectors"
"$venv/bin/python" deploy/dev/oracle.py "$vectors"
"$venv/bin/python" deploy/dev/course_schema.py docs/course engine/course
