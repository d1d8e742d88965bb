# The bare handler in its ways, against each other and against a running Athena if there is one.
# shellcheck shell=bash disable=SC2154

data_of() {
  curl -fsS ${headers[@]+"${headers[@]}"} "$1" |
    python3 -c 'import json, sys; from decimal import Decimal; print(json.load(sys.stdin, parse_float=Decimal)["data"])'
}

rate_of() {
  wrk -t 2 -c "$connections" -d "${seconds}s" ${headers[@]+"${headers[@]}"} "$1" > "$folder/wrk"
  if grep -qE 'Non-2xx|Socket errors' "$folder/wrk"; then echo "bench: $1 answered errors" >&2; exit 1; fi
  awk '/^Requests\/sec/ { print $2 }' "$folder/wrk"
}

median_of() { sort -g | awk '{ v[NR] = $1 } END { print v[int(NR / 2) + 1] }'; }

# Every way answers the same rows.
compare_ways() {
  local limit=$1 expected at
  expected=$(data_of "${urls[0]//\{limit\}/$limit}")
  for at in "${!names[@]}"; do
    [ "${names[$at]}" = static ] && continue
    [ "$(data_of "${urls[$at]//\{limit\}/$limit}")" = "$expected" ] ||
      { echo "bench: ${names[$at]} answers differently at $limit rows" >&2; exit 1; }
  done
}

time_ways() {
  local limit=$1 at name base rate
  rm -f "$folder"/rate.*
  for _ in $(seq "$rounds"); do
    for at in "${!names[@]}"; do
      rate_of "${urls[$at]//\{limit\}/$limit}" >> "$folder/rate.${names[$at]}"
    done
  done
  base=$(median_of < "$folder/rate.rows")
  for name in "${names[@]}"; do
    rate=$(median_of < "$folder/rate.$name")
    awk -v l="$limit" -v n="$name" -v r="$rate" -v b="$base" 'BEGIN { printf "| %s | %s | %.0f | %.2f |\n", l, n, r, r / b }'
  done
}

run_http() {
  local limit
  need_wrk
  start_postgres
  make_tables
  http=$(free_port)
  "$built/limit" --uri "$uri" --port "$http" > "$folder/limit.log" 2>&1 &
  served+=("$!")
  until_answers "http://127.0.0.1:$http/static" limit "$!" "$folder/limit.log"
  names=(rows json static)
  urls=("http://127.0.0.1:$http/rows?limit={limit}" "http://127.0.0.1:$http/json?limit={limit}" "http://127.0.0.1:$http/static")
  if [ -n "$athena" ]; then
    names+=(athena)
    urls+=("$athena")
  fi
  echo "| rows per request | way | requests/s | against rows |"
  echo "|---|---|---|---|"
  for limit in 1 50 10000; do
    compare_ways "$limit"
    time_ways "$limit"
  done
}
