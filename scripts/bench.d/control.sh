# What watching over requests costs: one program with all of it on, the same one with all of it off.
# With --start: how long ten thousand clients and a hundred thousand keys take, and how much memory.
# shellcheck shell=bash disable=SC2154

bench_admin=the-admin-key-of-a-bench-that-nobody-else-can-reach

# $1 is the side's name, $2 more of its configuration, $3 the address of its store if it has one.
write_side() {
  mkdir -p "$folder/$1"
  {
    [ -z "${3:-}" ] || printf 'store:\n  uri: %s\n' "$3"
    printf 'admin_key: %s\nembedded:\n  demo: false\n%s\n' "$bench_admin" "$2"
  } > "$folder/$1/config.yaml"
}

side() {
  local name=$1
  shift
  env -i PATH="$PATH" HOME="$folder/$name" LANG=C.UTF-8 "$program" "$@" --data-dir "$folder/$name/data" --config "$folder/$name/config.yaml"
}

# Sets side_http and side_pid.
start_side() {
  side_http=$(free_port)
  env -i PATH="$PATH" HOME="$folder/$1" LANG=C.UTF-8 "$program" server --host 127.0.0.1 --port "$side_http" \
    --data-dir "$folder/$1/data" --config "$folder/$1/config.yaml" > "$folder/$1/log" 2>&1 &
  side_pid=$!
  served+=("$side_pid")
  until_answers "http://127.0.0.1:$side_http/ready" "athena ($1)" "$side_pid" "$folder/$1/log"
}

stop_side() {
  kill "$side_pid"
  wait "$side_pid" || true
  served=() # it was the only one
}

# $1 is the side, the rest are rights. Sets $folder/key.
make_side_key() {
  local name=$1 rights=() right
  shift
  for right in "$@"; do rights+=(--right "$right"); done
  (umask 077 && side "$name" key create --name bench "${rights[@]}" > "$folder/made")
  (umask 077 && grep -oE 'ath_[0-9a-zA-Z]+\.[A-Za-z0-9_-]+' "$folder/made" | head -n 1 > "$folder/key") || true
  [ -s "$folder/key" ] || { echo "bench: athena key create printed no key" >&2; exit 1; }
}

side_postmaster() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["postgres_pid"])' "$folder/$1/data/runtime.json"
}

run_control() {
  need_wrk
  start_postgres
  make_tables
  local client="clients:
  bench:
    uri: $uri"
  local admission='  enabled: false'
  [ -z "$limits" ] || admission='  enabled: true
  global_requests_per_window: 100000000
  per_client_requests_per_window: 100000000
  per_identity_requests_per_window: 100000000'
  write_side on "$client
keys:
  log: all
logging:
  requests: true
  operations: true
admission:
$admission"
  write_side off "$client
keys:
  log: none
logging:
  requests: false
  operations: false
admission:
  enabled: false"
  start_side on
  local on_http=$side_http on_pid=$side_pid
  make_side_key on gateway.read
  start_side off
  local off_http=$side_http off_pid=$side_pid
  curl -fsS -o "$folder/answer" -X PUT -H "x-athena-key: $bench_admin" -H 'content-type: application/json' \
    -d '{"enforce_api_keys": false}' "http://127.0.0.1:$off_http/admin/api-key-config"
  local postmaster status=0
  postmaster=$(head -n 1 "$folder/data/postmaster.pid")
  "$built/control" --client bench --key-file "$folder/key" \
    --on-port "$on_http" --on-pid "$on_pid" --on-postmasters "$postmaster,$(side_postmaster on)" \
    --off-port "$off_http" --off-pid "$off_pid" --off-postmasters "$postmaster,$(side_postmaster off)" \
    --script scripts/bench.d/request.lua --folder "$folder" --answered-file "$folder/answered" \
    --rounds "$rounds" --seconds "$seconds" &
  local contest=$!
  served+=("$contest")
  wait "$contest" || status=$?
  [ -s "$folder/answered" ] || exit "$status"
  was_written_down "$on_http"
  exit "$status"
}

# What was switched on was also done: every request is counted, and little or nothing was lost.
was_written_down() {
  sleep 3
  curl -fsS -o "$folder/answer" -X POST -H "x-athena-key: $bench_admin" "http://127.0.0.1:$1/admin/clients/statistics/refresh"
  python3 - "$folder/answer" "$(cat "$folder/answered")" << 'PYTHON'
import json, sys

def found(value, name):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from found(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from found(inner, name)

shown = json.load(open(sys.argv[1]))
answered = int(sys.argv[2])
requests = sum(int(n) for n in found(shown, "total_requests"))
operations = sum(int(n) for n in found(shown, "total_operations"))
print(f"{answered} requests were answered with everything on; {requests} were counted, {operations} operations were written down")
if requests < answered:
    sys.exit("bench: not every request was counted")
if operations < answered * 0.99:
    sys.exit("bench: more than one operation in a hundred was lost")
PYTHON
}

fill_sql() {
  cat << SQL
insert into athena_clients (client_name, driver, config, origin)
select 'client-' || lpad(n::text, 5, '0'), 'postgres',
       jsonb_build_object('url', 'postgresql://app@10.255.' || n % 250 || '.' || n % 200 + 1 || ':5432/app_' || n), 'runtime'
from generate_series(1, $1) n;
insert into api_keys (public_id, name, client_name, key_salt, key_hash, hash_version, pepper_id)
select lpad(to_hex(n), 16, '0'), 'key ' || n, 'client-' || lpad((n % $1 + 1)::text, 5, '0'), '',
       encode(sha256(convert_to('key' || n, 'UTF8')), 'hex'), 1, (select pepper_id from api_keys limit 1)
from generate_series(1, $2) n;
insert into api_key_right_grants (api_key_id, right_id)
select k.id, r.id from api_keys k
join api_key_rights r on r.name = 'gateway.read'
    or r.name = (array['gateway.write', 'gateway.delete', 'gateway.query', 'schema.read'])[k.id % 4 + 1]
on conflict do nothing;
vacuum analyze athena_clients, api_keys, api_key_right_grants;
SQL
}

# Milliseconds that the program says it took.
own_time() { grep -oE 'ready at .* after [0-9]+ ms' "$folder/$1/log" | grep -oE '[0-9]+ ms' | grep -oE '[0-9]+'; }

run_start() {
  local clients=10000 keys=100000 base name round
  start_postgres
  base=${uri%/*}
  for name in empty full; do
    "$binaries/psql" -qAtX "$uri" -c "create database store_$name"
    write_side "$name" "" "$base/store_$name"
    start_side "$name" # the tables are made
    stop_side
  done
  make_side_key full gateway.read
  fill_sql "$clients" "$keys" | "$binaries/psql" -qAtX -v ON_ERROR_STOP=1 "$base/store_full"
  rm -f "$folder"/time.* "$folder"/memory.*
  for round in $(seq "$rounds"); do
    for name in empty full; do
      start_side "$name"
      sleep 3 # what begins after the start belongs to it
      own_time "$name" >> "$folder/time.$name"
      resident "$side_pid" >> "$folder/memory.$name"
      [ "$name" = empty ] || serves_many "$clients"
      stop_side
    done
  done
  local times=() memories=()
  for name in empty full; do
    times+=("$(median_of < "$folder/time.$name")")
    memories+=("$(median_of < "$folder/memory.$name")")
  done
  awk -v c="$clients" -v k="$keys" -v te="${times[0]}" -v tf="${times[1]}" -v me="${memories[0]}" -v mf="${memories[1]}" 'BEGIN {
    grown = (mf - me) / 1024
    printf "| | empty store | %d clients, %d keys | bar | |\n|---|---|---|---|---|\n", c, k
    printf "| until ready | %d ms | %d ms | < 2000 ms | %s |\n", te, tf, tf < 2000 ? "met" : "**not met**"
    printf "| resident memory 3 s later | %.0f MB | %.0f MB, %.0f more | < 100 MB more | %s |\n", me / 1024, mf / 1024, grown, grown < 100 ? "met" : "**not met**"
    exit !(tf < 2000 && grown < 100)
  }'
}

# It knows them all, its keys open, and nobody without one comes in.
serves_many() {
  local known status body='{"table_name":"t","limit":1}'
  known=$(curl -fsS "http://127.0.0.1:$side_http/health" | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["clients"]["registered"])')
  [ "$known" -eq "$1" ] || { echo "bench: $known clients are known, not $1" >&2; exit 1; }
  status=$(curl -s -o "$folder/answer" -w '%{http_code}' -H 'x-athena-client: client-09999' -d "$body" -H 'content-type: application/json' "http://127.0.0.1:$side_http/gateway/fetch")
  [ "$status" = 401 ] || { echo "bench: without a key the answer was $status" >&2; exit 1; }
  status=$(curl -s -o "$folder/answer" -w '%{http_code}' -H 'x-athena-client: client-09999' -H "apikey: $(cat "$folder/key")" -d "$body" -H 'content-type: application/json' "http://127.0.0.1:$side_http/gateway/fetch")
  # Its database is not there.
  [ "$status" = 503 ] || { echo "bench: with a key the answer was $status: $(cat "$folder/answer")" >&2; exit 1; }
}
