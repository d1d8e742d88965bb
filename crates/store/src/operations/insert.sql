insert into gateway_operation_log
    (request_id, operation, table_name, client, status_code, duration_ms, message, details, created_at, time, error)
select
    request_id, operation, table_name, client, status_code, duration_ms, message, details::jsonb,
    timestamptz 'epoch' + micros * interval '1 microsecond',
    micros / 1000000.0,
    status_code >= 400
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::text[], $9::bigint[])
    as rows (request_id, operation, table_name, client, status_code, duration_ms, message, details, micros)
