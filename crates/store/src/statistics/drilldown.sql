select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       request_id, operation, table_name, client as client_name, method, path, status_code, duration_ms,
       time::float8 as operation_time_ms, (case when trace_id is null then details
             else jsonb_build_object('trace_id', trace_id, 'caller', caller, 'api_key_public_id', api_key_public_id,
                                     'row_count', row_count, 'bytes', bytes) || coalesce(details, '{}')
        end)::text as details, error, message, cache_key
from gateway_operation_log
where client = $1 and table_name = $2 and operation = $3 and ($4::bool is null or error = $4)
order by gateway_operation_log.created_at desc, id desc
limit $5 offset $6
