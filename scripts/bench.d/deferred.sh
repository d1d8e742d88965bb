# A long queue of deferred requests, drained: how fast, and with how much memory.
# shellcheck shell=bash disable=SC2154

sql() { "$binaries/psql" -qAtX -v ON_ERROR_STOP=1 "$1" -c "$2"; }

# Kilobytes of the process that are in memory.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

open_jobs() {
  sql "$store_uri" "select count(*) from gateway_deferred_request_queue where status in ('queued', 'running')"
}

run_deferred() {
  [ -x "$binaries/psql" ] || { echo "bench: psql is missing; it comes with PostgreSQL" >&2; exit 1; }
  start_postgres
  sql "$uri" 'create database athena_logging'
  sql "$uri" 'create table jobs (number int not null, done_at timestamptz not null default now())'
  store_uri=${uri%/*}/athena_logging
  mkdir -p "$folder/home"
  cat > "$folder/config.yaml" << CONFIG
store:
  uri: $store_uri
embedded:
  demo: false
clients:
  bench:
    uri: $uri
deferred:
  workers_per_client: 8
CONFIG
  http=$(free_port)
  env -i PATH="$PATH" HOME="$folder/home" LANG=C.UTF-8 "$program" server --host 127.0.0.1 \
    --port "$http" --data-dir "$folder/home/data" --config "$folder/config.yaml" > "$folder/athena.log" 2>&1 &
  local pid=$!
  served+=("$pid")
  until_answers "http://127.0.0.1:$http/ready" athena "$pid" "$folder/athena.log"
  # Without enforcement nobody's key is asked for, so what is filed for nobody is done.
  sql "$store_uri" 'update api_key_config set enforce_api_keys = false'
  sleep 2
  local before began rss peak=0 left
  before=$(resident "$pid")
  # As the gateway files it; by hand, so that only the work is measured. Every second one is a write.
  sql "$store_uri" "insert into gateway_deferred_request_queue
      (request_id, method, route, client_name, request_bytes, payload, deferred_reason, caller)
    select 'job-' || n, 'POST', '/gateway/' || kind, 'bench', 100,
      json_build_object('kind', 'gateway_' || kind, 'request_id', 'job-' || n, 'client_name', 'bench', 'table_name', 'jobs',
        'request_body', case kind when 'insert' then json_build_object('table_name', 'jobs', 'insert_body', json_build_object('number', n))
          else json_build_object('table_name', 'jobs', 'limit', 20) end,
        'reason', 'x_athena_defer_header', 'requested_at_unix_ms', 0), 'x_athena_defer_header', 'anonymous'
    from (select n, case when n % 2 = 0 then 'insert' else 'fetch' end as kind from generate_series(1, $rows) n) jobs"
  began=$EPOCHREALTIME
  left=$rows
  while [ "$left" -gt 0 ]; do
    sleep 1
    rss=$(resident "$pid")
    [ "$rss" -gt "$peak" ] && peak=$rss
    left=$(open_jobs)
  done
  local done_jobs written
  done_jobs=$(sql "$store_uri" "select count(*) from gateway_deferred_request_queue where status = 'completed'")
  written=$(sql "$uri" 'select count(*) || '"' rows, '"' || count(distinct number) || '"' different'"' from jobs')
  awk -v a="$began" -v b="$EPOCHREALTIME" -v n="$rows" -v before="$before" -v peak="$peak" -v after="$(resident "$pid")" \
    'BEGIN { s = b - a; printf "%d requests in %.0f s, %.0f/s; memory %.0f MB before, %.0f MB at most, %.0f MB after\n", n, s, n / s, before / 1024, peak / 1024, after / 1024 }'
  echo "$done_jobs completed; written: $written"
  [ "$done_jobs" -eq "$rows" ] || { echo "bench: not all of them were completed" >&2; exit 1; }
  [ "$peak" -le $((before + 65536)) ] || { echo "bench: memory grew by more than 64 MB" >&2; exit 1; }
}
