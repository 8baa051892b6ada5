#!/usr/bin/env bash
# Runs every test: real PostgreSQL and Kafka are started first, and stopped again unless they ran
# already. Arguments go to `cargo test`. The web pages' tests need Node.js 20, those of durable
# timers libfaketime; without them they are left out, but with CI=true their absence is a failure.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
services=deploy/dev/services.sh

if [[ -e api/ui/package.json ]]; then
    if deploy/dev/prerequisites.sh node; then
        (cd api/ui && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm test)
    elif [[ ${CI:-} == true ]]; then
        exit 1
    else
        echo "test: the web pages' tests are left out" >&2
    fi
fi

if ! deploy/dev/prerequisites.sh clock; then
    [[ ${CI:-} == true ]] && exit 1
    echo "test: the tests of durable timers are left out" >&2
fi

if ! settings=$("$services" env 2>/dev/null); then
    trap '"$services" down' EXIT
    settings=$("$services" up)
fi
eval "$settings"

cargo test --workspace --locked "$@"
