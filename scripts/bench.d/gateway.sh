# Athena and the bare handler on one PostgreSQL, timed in turns.
# shellcheck shell=bash disable=SC2154

# The program with the machine's own settings kept out.
athena() {
  env -i PATH="$PATH" HOME="$folder/home" LANG=C.UTF-8 "$program" "$@" --data-dir "$folder/home/data" --config "$folder/config.yaml"
}

write_config() {
  mkdir -p "$folder/home"
  # The export asks for every row at once; all else is as it is for everybody.
  cat > "$folder/config.yaml" << CONFIG
gateway:
  max_rows: $rows
embedded:
  demo: false
clients:
  bench:
    uri: $uri
CONFIG
}

start_athena() {
  local began=$EPOCHREALTIME
  http=$(free_port)
  # In the background a function would be a shell with the program as its child; the program itself is wanted.
  env -i PATH="$PATH" HOME="$folder/home" LANG=C.UTF-8 "$program" server --host 127.0.0.1 --port "$http" \
    --data-dir "$folder/home/data" --config "$folder/config.yaml" > "$folder/athena.log" 2>&1 &
  gateway_pid=$!
  served+=("$gateway_pid")
  until_answers "http://127.0.0.1:$http/ready" athena "$gateway_pid" "$folder/athena.log"
  echo "$1: $(elapsed_since "$began") s until ready" >&2
}

elapsed_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'; }

make_key() {
  umask 077
  athena key create --name bench --client bench --right gateway.read --right gateway.write --right gateway.query > "$folder/made"
  grep -oE 'ath_[0-9a-zA-Z]+\.[A-Za-z0-9_-]+' "$folder/made" | head -n 1 > "$folder/key" || true
  [ -s "$folder/key" ] || { echo "bench: athena key create printed no key" >&2; exit 1; }
}

start_limit() {
  limit_http=$(free_port)
  # As many connections as Athena has for reading.
  "$built/limit" --uri "$uri" --port "$limit_http" --connections 8 > "$folder/limit.log" 2>&1 &
  limit_pid=$!
  served+=("$limit_pid")
  until_answers "http://127.0.0.1:$limit_http/ping" limit "$limit_pid" "$folder/limit.log"
}

# The first process of the PostgreSQL in which Athena keeps its log; its work is part of what a request costs.
own_postmaster() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["postgres_pid"])' "$folder/home/data/runtime.json"
}

run_gateway() {
  need_wrk
  ulimit -n "$(ulimit -Hn)" # 5,000 idle connections at both ends
  [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 6000 ] || { echo "bench: at least 6000 open files are needed: ulimit -n" >&2; exit 1; }
  [ -x "$binaries/pgbench" ] || { echo "bench: pgbench is missing; it comes with PostgreSQL" >&2; exit 1; }
  start_postgres
  make_tables
  "$binaries/pgbench" -q -i -s 10 "$uri" > "$folder/pgbench.log" 2>&1
  write_config
  start_athena "first start, with its own database made"
  make_key
  kill "$gateway_pid"
  wait "$gateway_pid" || true
  served=()
  start_athena "start"
  start_limit
  echo "$(awk -v b="$(stat -c %s "$program")" 'BEGIN { printf "%.0f MB", b / 1048576 }') on disk" >&2
  local postmaster
  postmaster=$(head -n 1 "$folder/data/postmaster.pid")
  sleep 2 # so that idle memory is idle
  "$built/contest" --uri "$uri" --client bench --key-file "$folder/key" --table "$rows" \
    --gateway-port "$http" --gateway-pid "$gateway_pid" --gateway-postmasters "$postmaster,$(own_postmaster)" \
    --limit-port "$limit_http" --limit-pid "$limit_pid" --limit-postmasters "$postmaster" \
    --pgbench "$binaries/pgbench" --script scripts/bench.d/request.lua --folder "$folder" \
    --rounds "$rounds" --seconds "$seconds" ${scenario:+--only "$scenario"} &
  local contest=$!
  served+=("$contest")
  wait "$contest"
}
