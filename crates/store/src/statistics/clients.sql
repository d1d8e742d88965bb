select client_name, total_requests, successful_requests, failed_requests, total_cached_requests,
       total_operations, avg_request_duration_ms, p50_request_duration_ms, p95_request_duration_ms,
       p99_request_duration_ms, cache_hit_ratio,
       to_char(last_request_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_request_at,
       to_char(last_operation_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_operation_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated_at
from athena_client_statistics($1::text::timestamptz)
order by athena_client_statistics.total_requests desc, client_name
