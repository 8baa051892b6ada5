# Runs a throw-away PostgreSQL until standard input ends: when the test process is gone, however
# it went, the server is stopped and its folder removed.
#
# Arguments: the port. Prints `ready`, or one line that says what is missing.
set -u
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    exec runuser -u nobody -- sh "$0" "$1"
fi
PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1)"
if ! command -v initdb >/dev/null || ! command -v postgres >/dev/null; then
    echo "PostgreSQL is missing: install the package postgresql, or set DATABASE_URL"
    exit 1
fi
dir=$(mktemp -d /tmp/learnflow-postgres-XXXXXX) || exit 1
server=
end() {
    if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then
        wait "$server"
    fi
    rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
if ! initdb -D "$dir/data" -U learnflow --auth=trust -E UTF8 --locale=C -N >"$dir/log" 2>&1; then
    echo "initdb failed: $(tail -n 1 "$dir/log")"
    exit 1
fi
postgres -D "$dir/data" -k "$dir" -p "$1" -c listen_addresses=127.0.0.1 -c fsync=off \
    -c max_connections=300 >>"$dir/log" 2>&1 </dev/null &
server=$!
tries=0
until pg_isready -q -h 127.0.0.1 -p "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
        echo "PostgreSQL did not start: $(tail -n 1 "$dir/log")"
        exit 1
    fi
    sleep 0.1
done
echo ready
cat >/dev/null
