# PostgREST's surface and bare handlers with the same SQL on one PostgreSQL, timed in turns.
# shellcheck shell=bash disable=SC2154

# A role that requests run as, and a limit of rows: what the handlers take for granted.
expose_rest() {
  cat >> "$folder/config.yaml" << CONFIG
    rest:
      schemas: [public]
      anon_role: bench_anon
      max_rows: 1000
CONFIG
}

start_handlers() {
  handlers_http=$(free_port)
  "$built/rest_handlers" --uri "$uri" --port "$handlers_http" > "$folder/handlers.log" 2>&1 &
  handlers_pid=$!
  served+=("$handlers_pid")
  until_answers "http://127.0.0.1:$handlers_http/ping" rest_handlers "$handlers_pid" "$folder/handlers.log"
}

run_rest() {
  need_wrk
  start_postgres
  "$built/tables" --uri "$uri" --rows "$rows" --for rest
  write_config
  expose_rest
  start_athena "start"
  make_key
  start_handlers
  local postmaster
  postmaster=$(head -n 1 "$folder/data/postmaster.pid")
  "$built/rest" --uri "$uri" --client bench --key-file "$folder/key" \
    --gateway-port "$http" --gateway-pid "$gateway_pid" --gateway-postmasters "$postmaster,$(own_postmaster)" \
    --handlers-port "$handlers_http" --handlers-pid "$handlers_pid" --handlers-postmasters "$postmaster" \
    --script scripts/bench.d/request.lua --folder "$folder" \
    --rounds "$rounds" --seconds "$seconds" ${scenario:+--only "$scenario"} &
  local contest=$!
  served+=("$contest")
  wait "$contest"
}
