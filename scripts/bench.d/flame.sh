# Where a point read's time goes, as a picture.
# shellcheck shell=bash disable=SC2154

# A fetch by a random key of six digits, as wrk sends it.
write_point() {
  local body
  body='{"table_name":"bench","columns":["id","name","email","amount","active","created_at","reference"],"conditions":[{"operator":"eq","column":"id","value":123456}],"limit":1}'
  {
    printf 'POST /gateway/fetch HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Athena-Client: bench\r\nContent-Type: application/json\r\n'
    printf 'Accept: application/json\r\nCache-Control: no-cache\r\napikey: %s\r\nContent-Length: %s\r\n\r\n%s' \
      "$(cat "$folder/key")" "${#body}" "${body/123456/\{6\}}"
  } > "$folder/point"
}

run_flame() {
  need_wrk
  for tool in perf inferno-collapse-perf inferno-flamegraph; do
    command -v "$tool" > /dev/null && continue
    echo "bench: $tool is missing; perf comes with the kernel's tools, inferno with: cargo install inferno" >&2
    exit 1
  done
  start_postgres
  make_tables
  write_config
  start_athena "first start"
  make_key
  write_point
  wrk -t 2 -c 32 -d 12s -s scripts/bench.d/request.lua "http://127.0.0.1:$http" -- "$folder/point" > "$folder/wrk" &
  local load=$!
  sleep 3
  # The stacks are cut at 32 kB; deeper ones of hyper and tokio lose their outermost frames.
  perf record -q -F 997 -g --call-graph dwarf,32768 -p "$gateway_pid" -o "$folder/perf.data" -- sleep 5
  wait "$load"
  grep -E 'Non-2xx|Socket errors|Requests/sec' "$folder/wrk" >&2
  perf script --no-inline -i "$folder/perf.data" 2> /dev/null | inferno-collapse-perf > "$folder/stacks"
  inferno-flamegraph --width 1600 --minwidth 0.5 --title 'Athena: one row by key, 32 connections' < "$folder/stacks" > "$picture"
  echo "$picture"
}
