#!/usr/bin/env bash
# Starts and stops a real PostgreSQL and a real one-node Apache Kafka for development and tests.
#
# Both listen on free loopback ports and keep their data in a scratch folder (target/services).
# `up` installs what is missing (as root; otherwise it names the packages and stops), waits until
# both answer, and prints the settings as shell exports on standard output. Everything else goes
# to standard error, so this works:   eval "$(deploy/dev/services.sh up)"
#
# `down` stops exactly the processes that `up` started and deletes their data; logs stay.
set -euo pipefail

readonly KAFKA_VERSION=4.4.0
readonly DEADLINE_S=60
readonly DATABASE=learnflow

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
dir=$root/target/services
pg_stop_mode=fast

usage() {
    cat >&2 <<'USAGE'
usage: services.sh COMMAND [--dir DIR] [--mode fast|immediate]

  up                start what does not run yet; print the settings as shell exports
  down              stop both, delete their data, keep their logs
  env               print the settings again; exit 1 unless both run
  status            say what runs
  stop-kafka        stop the broker, keep its data and port
  start-kafka       start it again
  kill-kafka        end the broker without a chance to clean up (SIGKILL)
  stop-postgres     stop the database, keep its data and port
  start-postgres    start it again
  restart-postgres  both in one

  --dir DIR         scratch folder (default: target/services)
  --mode MODE       how PostgreSQL is stopped: fast (default) or immediate (as in a crash)
USAGE
    exit 2
}

say() { echo "services: $*" >&2; }
die() { say "$*"; exit 1; }

# ---------------------------------------------------------------- processes we own

# A pid alone may have been given to somebody else since; pid and start time together may not.
# A zombie counts as gone once its last thread is: then it holds neither port nor file.
start_time() { # PID
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    if [[ $stat == Z* ]]; then
        local threads=("/proc/$1/task/"*)
        ((${#threads[@]} > 1)) || return 1
    fi
    awk '{ print $20 }' <<<"$stat"
}

remember() { # NAME PID
    echo "$2 $(start_time "$2")" >"$dir/$1.pid"
}

alive() { # NAME
    local pid started now
    [[ -e $dir/$1.pid ]] || return 1
    read -r pid started <"$dir/$1.pid" || return 1
    now=$(start_time "$pid") || return 1
    [[ $now == "$started" ]]
}

pid_of() { local pid _; read -r pid _ <"$dir/$1.pid"; echo "$pid"; }

wait_gone() { # NAME: true when the process ended within the deadline
    local end=$((SECONDS + DEADLINE_S / 2))
    while alive "$1"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

end_process() { # NAME SIGNAL
    if alive "$1"; then
        kill "-$2" "$(pid_of "$1")" 2>/dev/null || true
        if ! wait_gone "$1"; then
            say "$1 does not stop on SIG$2, killing it"
            kill -KILL "$(pid_of "$1")" 2>/dev/null || true
            wait_gone "$1" || die "$1 (pid $(pid_of "$1")) cannot be stopped"
        fi
    fi
    rm -f "$dir/$1.pid"
}

# ---------------------------------------------------------------- ports

# Below the range that the kernel hands to outgoing connections, and never a well-known one.
free_port() {
    local port try
    for try in {1..50}; do
        port=$((20000 + (RANDOM * 32768 + RANDOM + try) % 12000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    die "found no free port on 127.0.0.1"
}

# ---------------------------------------------------------------- what must be installed

pg_bin() {
    local bin
    bin=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
    if [[ -z $bin ]] && command -v pg_config >/dev/null; then
        bin=$(pg_config --bindir)
    fi
    [[ -n $bin && -x $bin/initdb && -x $bin/postgres ]] || return 1
    echo "$bin"
}

kafka_libs=${XDG_CACHE_HOME:-$HOME/.cache}/learnflow/kafka-$KAFKA_VERSION

install_missing() {
    local missing=()
    pg_bin >/dev/null || missing+=(postgresql)
    command -v java >/dev/null || missing+=(default-jre-headless)
    [[ -e $kafka_libs/complete ]] || command -v mvn >/dev/null || missing+=(maven)
    if ((${#missing[@]})); then
        if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
            die "please install: ${missing[*]}   (Debian: sudo apt-get install ${missing[*]})"
        fi
        say "installing ${missing[*]}"
        # Debian would otherwise make and start a cluster of its own on port 5432.
        if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
            install -d /etc/postgresql-common/createcluster.d
            echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/learnflow.conf
        fi
        DEBIAN_FRONTEND=noninteractive apt-get update -q >"$dir/apt.log" 2>&1 \
            || die "apt-get update failed, see $dir/apt.log"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            "${missing[@]}" >>"$dir/apt.log" 2>&1 || die "apt-get install failed, see $dir/apt.log"
    fi
    fetch_kafka
}

fetch_kafka() {
    [[ -e $kafka_libs/complete ]] && return
    say "fetching Apache Kafka $KAFKA_VERSION"
    local part
    mkdir -p "$(dirname "$kafka_libs")"
    part=$(mktemp -d "$kafka_libs.XXXXXX")
    if ! mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$part" </dev/null >"$dir/maven.log" 2>&1; then
        rm -rf "$part"
        die "Maven could not fetch Kafka, see $dir/maven.log"
    fi
    touch "$part/complete"
    # Somebody else may have fetched it meanwhile; theirs is as good.
    mv -T "$part" "$kafka_libs" 2>/dev/null || rm -rf "$part"
    [[ -e $kafka_libs/complete ]] || die "$kafka_libs is incomplete: delete it and try again"
}

# ---------------------------------------------------------------- PostgreSQL

pg_user() { if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi; }

# PostgreSQL refuses to run as root. `setpriv` becomes the command, so its pid is the command's.
as_pg=(env)
if ((EUID == 0)); then
    as_pg=(setpriv "--reuid=$(id -u "$(pg_user)")" "--regid=$(id -g "$(pg_user)")" --clear-groups)
fi

# Where the data lies: in our folder, or under /tmp when that user cannot get there (a 0700 home).
pg_home() {
    if [[ ! -e $dir/postgres.home ]]; then
        local home=$dir/postgres
        mkdir -p "$home"
        if ((EUID == 0)); then
            if ! "${as_pg[@]}" test -x "$home"; then
                home=$(mktemp -d /tmp/learnflow-postgres.XXXXXX)
            fi
            chown "$(pg_user)" "$home"
        fi
        chmod 700 "$home"
        echo "$home" >"$dir/postgres.home"
    fi
    cat "$dir/postgres.home"
}

pg_psql() { # SQL, DATABASE
    "$(pg_bin)/psql" -X -A -t -q -h 127.0.0.1 -p "$(cat "$dir/postgres.port")" -U learnflow \
        -d "$2" -c "$1"
}

init_postgres() {
    local home
    home=$(pg_home)
    [[ -e $home/data/PG_VERSION ]] && return
    rm -rf "$home/data"
    (cd / && exec "${as_pg[@]}" "$(pg_bin)/initdb" -D "$home/data" \
        -U learnflow --auth=trust -E UTF8 --locale=C -N) >"$dir/initdb.log" 2>&1 || die "initdb failed, see $dir/initdb.log"
    free_port >"$dir/postgres.port"
}

start_postgres() {
    alive postgres && return
    [[ -e $dir/postgres.home && -e $dir/postgres.port ]] || die "PostgreSQL was never started here"
    local home port end
    home=$(cat "$dir/postgres.home")
    port=$(cat "$dir/postgres.port")
    (cd / && exec setsid nohup "${as_pg[@]}" "$(pg_bin)/postgres" -D "$home/data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200) \
        </dev/null >>"$dir/postgres.log" 2>&1 9>&- &
    remember postgres $!
    end=$((SECONDS + DEADLINE_S))
    until pg_psql 'select 1' postgres >/dev/null 2>&1; do
        alive postgres || die "PostgreSQL ended at once, see $dir/postgres.log"
        ((SECONDS < end)) || die "PostgreSQL does not answer, see $dir/postgres.log"
        sleep 0.1
    done
    if [[ -z $(pg_psql "select 1 from pg_database where datname = '$DATABASE'" postgres) ]]; then
        pg_psql "create database $DATABASE" postgres
    fi
}

stop_postgres() {
    local signal=INT # a fast shutdown
    [[ $pg_stop_mode == immediate ]] && signal=QUIT
    end_process postgres "$signal"
}

# ---------------------------------------------------------------- Kafka

kafka_java() { # JVM options, main class, arguments
    java -Xmx512m -XX:+UseSerialGC -cp "$kafka_libs/*" "$@"
}

init_kafka() {
    local home=$dir/kafka port controller
    [[ -e $home/data/meta.properties ]] && return
    rm -rf "$home"
    mkdir -p "$home"
    port=$(free_port)
    until controller=$(free_port) && [[ $controller != "$port" ]]; do :; done
    cat >"$home/kraft.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
log.dirs=$home/data
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker that was killed may register again once its old session is over.
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
# Quick failover: a dead member is noticed in 6 s, a hand-over takes about two heartbeats.
group.consumer.heartbeat.interval.ms=1000
group.consumer.min.heartbeat.interval.ms=1000
group.consumer.session.timeout.ms=6000
group.consumer.min.session.timeout.ms=6000
PROPERTIES
    local id
    id=$(kafka_java kafka.tools.StorageTool random-uuid 2>"$dir/kafka-format.log" | tail -1)
    kafka_java kafka.tools.StorageTool format -t "$id" -c "$home/kraft.properties" \
        >>"$dir/kafka-format.log" 2>&1 || die "Kafka's storage cannot be formatted, see $dir/kafka-format.log"
    echo "$port" >"$dir/kafka.port"
}

# Asks for the cluster's metadata in Kafka's own protocol; true when it names one broker.
kafka_answers() {
    local port reply
    port=$(cat "$dir/kafka.port")
    # length 14, api 3 (Metadata) version 0, correlation 42, no client id, no topic filter
    reply=$(timeout 3 bash -c "
        exec 3<>/dev/tcp/127.0.0.1/$port || exit 1
        printf '\\0\\0\\0\\016\\0\\003\\0\\0\\0\\0\\0\\052\\377\\377\\0\\0\\0\\0' >&3
        head -c 12 <&3 | tail -c 8 | od -An -tx1" 2>/dev/null) || return 1
    [[ ${reply//[[:space:]]/} == 0000002a00000001 ]]
}

start_kafka() {
    alive kafka && return
    [[ -e $dir/kafka/kraft.properties ]] || die "Kafka was never started here"
    local end
    setsid nohup java -Xmx512m -XX:+UseSerialGC -cp "$kafka_libs/*" \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
        kafka.Kafka "$dir/kafka/kraft.properties" </dev/null >>"$dir/kafka.log" 2>&1 9>&- &
    remember kafka $!
    end=$((SECONDS + DEADLINE_S))
    until kafka_answers; do
        alive kafka || die "Kafka ended at once, see $dir/kafka.log"
        ((SECONDS < end)) || die "Kafka does not answer, see $dir/kafka.log"
        sleep 0.1
    done
}

# ---------------------------------------------------------------- commands

print_env() {
    alive postgres || die "PostgreSQL does not run (services.sh up)"
    alive kafka || die "Kafka does not run (services.sh up)"
    printf 'export DATABASE_URL=%q\n' \
        "postgres://learnflow@127.0.0.1:$(cat "$dir/postgres.port")/$DATABASE"
    printf 'export KAFKA_BOOTSTRAP_SERVERS=%q\n' "127.0.0.1:$(cat "$dir/kafka.port")"
    # For tests that take a service away, or look at what lies on its disk.
    printf 'export SERVICES_DIR=%q\n' "$dir"
    printf 'export SERVICES_POSTGRES_DATA=%q\n' "$(cat "$dir/postgres.home")/data"
    printf 'export SERVICES_KAFKA_DATA=%q\n' "$dir/kafka/data"
}

up() {
    if alive postgres && alive kafka; then
        print_env
        return
    fi
    install_missing
    init_postgres
    init_kafka
    start_postgres
    start_kafka
    say "PostgreSQL on port $(cat "$dir/postgres.port"), Kafka on port $(cat "$dir/kafka.port"), logs in $dir"
    print_env
}

down() {
    pg_stop_mode=immediate # the data goes anyway
    stop_postgres
    end_process kafka TERM
    if [[ -e $dir/postgres.home ]]; then
        rm -rf "$(cat "$dir/postgres.home")"
    fi
    rm -rf "$dir/kafka" "$dir/postgres.home" "$dir/postgres.port" "$dir/kafka.port"
    say "stopped, data deleted"
}

status() {
    local name
    for name in postgres kafka; do
        if alive "$name"; then
            echo "$name runs on 127.0.0.1:$(cat "$dir/$name.port") (pid $(pid_of "$name"))"
        else
            echo "$name does not run"
        fi
    done
}

(($#)) || usage
command=$1
shift
while (($#)); do
    case $1 in
    --dir) [[ -n ${2:-} ]] || usage; dir=$2; shift 2 ;;
    --mode)
        [[ ${2:-} == fast || ${2:-} == immediate ]] || usage
        pg_stop_mode=$2
        shift 2
        ;;
    *) usage ;;
    esac
done
mkdir -p "$dir"
dir=$(cd -- "$dir" && pwd)

# One at a time in one folder; what is started does not inherit the lock.
exec 9>"$dir/lock"
flock -w 300 9 || die "another services.sh works in $dir"

case $command in
up) up ;;
down) down ;;
env) print_env ;;
status) status ;;
stop-kafka) end_process kafka TERM ;;
kill-kafka) end_process kafka KILL ;;
start-kafka) start_kafka ;;
stop-postgres) stop_postgres ;;
start-postgres) start_postgres ;;
restart-postgres) stop_postgres; start_postgres ;;
*) usage ;;
esac
