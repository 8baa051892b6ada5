#!/usr/bin/env bash
# Makes the secrets of compose.yaml that are missing; existing ones are never touched.
#
# The folder is closed to other users of this machine. The files in it are readable, because
# containers get them with the owner and mode that they have here, and ours run as another user.
set -euo pipefail

dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/secrets
mkdir -p "$dir"
chmod 700 "$dir"
umask 022

make_secret() { # NAME VALUE
    if [[ -e $dir/$1 ]]; then
        echo "kept $dir/$1"
    else
        printf '%s' "$2" >"$dir/$1"
        echo "made $dir/$1"
    fi
}

random() { # BYTES: as base64
    head -c "$1" /dev/urandom | base64 -w 0
}

make_secret master_key "$(random 32)"
make_secret postgres_password "$(random 24 | tr '+/' '-_')" # safe inside a URL
make_secret store_url "postgres://learnflow:$(cat "$dir/postgres_password")@postgres:5432/learnflow"
make_secret model_api_key ""
