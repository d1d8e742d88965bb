# A private PostgreSQL in a folder that is removed, whatever happens.
# shellcheck shell=bash

binaries=$(pg_config --bindir 2> /dev/null || true)
[ -x "$binaries/initdb" ] || binaries=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
[ -x "$binaries/initdb" ] || { echo "bench: PostgreSQL's initdb was not found" >&2; exit 1; }

folder=$(mktemp -d "${TMPDIR:-/tmp}/athena-bench.XXXXXX")
chmod 711 "$folder" # whoever PostgreSQL runs as must get through
served=() # processes to end at the end
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  owner=$(id -un postgres 2> /dev/null || echo nobody)
  chown "$owner" "$folder"
  as_owner() { setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@"; }
fi

finish() {
  trap - EXIT INT TERM
  local process
  for process in ${served[@]+"${served[@]}"}; do kill "$process" 2> /dev/null || true; done
  # Athena stops its own PostgreSQL and then itself.
  for process in ${served[@]+"${served[@]}"}; do
    for _ in $(seq 100); do kill -0 "$process" 2> /dev/null || break; sleep 0.1; done
    kill -9 "$process" 2> /dev/null || true
  done
  as_owner "$binaries/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1 || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_postgres() {
  port=$(free_port)
  (cd "$folder" && as_owner "$binaries/initdb" -D "$folder/data" -U bench -A trust > /dev/null)
  (cd "$folder" && as_owner "$binaries/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
    -o "-p $port -k $folder -h 127.0.0.1 -c fsync=off -c shared_buffers=256MB -c max_connections=200" start > /dev/null)
  uri="postgres://bench@127.0.0.1:$port/postgres"
}

need_wrk() {
  command -v wrk > /dev/null && return
  echo "bench: wrk is missing; on Debian: apt-get install wrk" >&2
  exit 1
}

# Wait until an address answers well; $3 is the process behind it and $4 what it printed.
until_answers() {
  local tries
  for tries in $(seq 600); do
    curl -fs -o "$folder/answer" "$1" && return
    if ! kill -0 "$3" 2> /dev/null; then break; fi
    sleep 0.05
  done
  echo "bench: $2 does not answer; it printed:" >&2
  tail -n 20 "$4" >&2
  exit 1
}

# The tables, made and analysed once.
make_tables() { "$built/tables" --uri "$uri" --rows "$rows"; }
