with fresh as (
    select client_name, timestamptz 'epoch' + minute * interval '1 microsecond' as minute, bucket, requests,
           successful, failed, cached, micros, timestamptz 'epoch' + last * interval '1 microsecond' as last_at
    from unnest($1::text[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[],
                $7::bigint[], $8::bigint[], $9::bigint[])
        as rows (client_name, minute, bucket, requests, successful, failed, cached, micros, last)
), sums as (
    select * from fresh
    union all
    select client_name, timestamptz '-infinity', bucket, sum(requests), sum(successful), sum(failed),
           sum(cached), sum(micros), max(last_at)
    from fresh group by client_name, bucket
)
insert into statistics_request_counts as kept
    (client_name, minute, bucket, requests, successful, failed, cached, duration_us, last_at)
select * from sums order by 1, 2, 3
on conflict (client_name, minute, bucket) do update set
    requests = kept.requests + excluded.requests,
    successful = kept.successful + excluded.successful,
    failed = kept.failed + excluded.failed,
    cached = kept.cached + excluded.cached,
    duration_us = kept.duration_us + excluded.duration_us,
    last_at = greatest(kept.last_at, excluded.last_at)
