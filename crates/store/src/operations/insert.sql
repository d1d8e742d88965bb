copy gateway_operation_log
    (request_id, operation, table_name, client, status_code, duration_us, duration_ms, message, details,
     trace_id, caller, api_key_public_id, row_count, bytes,
     created_at, time, error, method, path, cache_lookup_outcome, cache_source, cached)
from stdin (format binary)
