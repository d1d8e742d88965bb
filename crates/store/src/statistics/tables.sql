select client_name, table_name, operation, total_operations, error_operations, avg_duration_ms,
       p50_duration_ms, p95_duration_ms, p99_duration_ms, total_cache_hits, total_cache_misses,
       cache_hit_ratio,
       to_char(last_operation_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_operation_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated_at
from athena_table_statistics($1::text::timestamptz)
where client_name = $2
order by athena_table_statistics.total_operations desc, table_name nulls last, operation
