with fresh as (
    select client as client_name, coalesce(table_name, '') as table_name, coalesce(operation, '') as operation,
           date_trunc('minute', created_at) as minute,
           athena_bucket(coalesce(duration_us, duration_ms * 1000, 0)) as bucket,
           count(*) as operations,
           count(*) filter (where error) as errors,
           count(*) filter (where cached) as hits,
           count(*) filter (where not cached) as misses,
           sum(coalesce(duration_us, duration_ms * 1000, 0))::bigint as duration_us,
           max(created_at) as last_at
    from gateway_operation_log
    where id > $1 and id <= $2 and client is not null
    group by 1, 2, 3, 4, 5
), sums as (
    select * from fresh
    union all
    select client_name, table_name, operation, timestamptz '-infinity', bucket, sum(operations)::bigint,
           sum(errors)::bigint, sum(hits)::bigint, sum(misses)::bigint, sum(duration_us)::bigint, max(last_at)
    from fresh group by client_name, table_name, operation, bucket
), added as (
    insert into statistics_operation_counts as kept
        (client_name, table_name, operation, minute, bucket, operations, errors, hits, misses, duration_us,
         last_at)
    select * from sums order by 1, 2, 3, 4, 5
    on conflict (client_name, table_name, operation, minute, bucket) do update set
        operations = kept.operations + excluded.operations,
        errors = kept.errors + excluded.errors,
        hits = kept.hits + excluded.hits,
        misses = kept.misses + excluded.misses,
        duration_us = kept.duration_us + excluded.duration_us,
        last_at = greatest(kept.last_at, excluded.last_at)
)
select coalesce(sum(operations), 0)::bigint from fresh
