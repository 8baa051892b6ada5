#!/usr/bin/env bash
# Plays the web pages in Chromium against `learnflow demo`. Arguments go to Playwright.
# LEARNFLOW_BIN names another binary than the one that is built here.
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
deploy/dev/prerequisites.sh build node browser

if [[ -z ${LEARNFLOW_BIN:-} ]]; then
    cargo build --locked --bin learnflow
    export LEARNFLOW_BIN=${CARGO_TARGET_DIR:-$root/target}/debug/learnflow
fi
# The demo honours these; a shell that develops against real services has them set.
unset DATABASE_URL KAFKA_BOOTSTRAP_SERVERS OPENAI_API_KEY OPENAI_BASE_URL
cd api/ui
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
npm ci --ignore-scripts --no-audit --no-fund
npm run e2e -- "$@"
