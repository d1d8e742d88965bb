-- The lock says that these ids are being given out: statistics count only what is below them.
with fence as materialized (select pg_advisory_xact_lock_shared(4052, 12))
insert into gateway_operation_log
    (request_id, operation, table_name, client, status_code, duration_us, duration_ms, message, details,
     created_at, time, error, method, path, cache_lookup_outcome, cache_source, cached)
select
    request_id, operation, table_name, client, status_code, duration_us, duration_us / 1000, message,
    details::jsonb,
    timestamptz 'epoch' + micros * interval '1 microsecond',
    micros / 1000000.0,
    status_code >= 400,
    method, path, outcome, source, cached
from fence, unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::text[],
            $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bool[])
    as rows (request_id, operation, table_name, client, status_code, duration_us, message, details, micros,
             method, path, outcome, source, cached)
