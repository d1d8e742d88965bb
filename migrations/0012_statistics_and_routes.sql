-- How much each client is used, what is written of each request, how clients differ from the
-- gateway's own settings, and what is open to everybody.

alter table gateway_operation_log add column duration_us bigint;

alter table gateway_request_log
    add column route_source text,
    add column route_key text,
    add column route_outcome text;

-- Requests whose client was found through a public route or a wildcard host.
create view gateway_route_request_log as
    select id, created_at, request_id, route_source as source, route_outcome as outcome, method, path,
           host, route_key, operation as public_op, client as resolved_client, status_code, duration_ms,
           api_key_auth_reason as error_message, time
    from gateway_request_log
    where route_source is not null;

-- Durations fall into buckets whose bounds grow by a fourth root of two, from 64 microseconds.
-- Buckets of different minutes, nodes and tables are merged by adding them.
create function athena_bucket(micros bigint) returns smallint language sql immutable as $$
    select case when micros < 64 then 0
                else least(99, 1 + floor(4 * ln(micros / 64.0::float8) / ln(2.0::float8)))
           end::smallint
$$;

-- The middle of a bucket, in milliseconds.
create function athena_bucket_ms(bucket smallint) returns double precision language sql immutable as $$
    select case when bucket = 0 then 0.032 else 0.064 * power(2.0::float8, (bucket - 0.5) / 4.0) end
$$;

-- The minute '-infinity' holds everything there ever was.
create table statistics_operation_counts (
    client_name text not null,
    -- Empty for operations that are about no single table.
    table_name text not null,
    operation text not null,
    minute timestamptz not null,
    bucket smallint not null,
    operations bigint not null,
    errors bigint not null,
    hits bigint not null,
    misses bigint not null,
    duration_us bigint not null,
    last_at timestamptz not null,
    primary key (client_name, table_name, operation, minute, bucket)
);
create index statistics_operation_counts_minute on statistics_operation_counts (minute)
    where minute > '-infinity';

create table statistics_request_counts (
    client_name text not null,
    minute timestamptz not null,
    bucket smallint not null,
    requests bigint not null,
    successful bigint not null,
    failed bigint not null,
    cached bigint not null,
    duration_us bigint not null,
    last_at timestamptz not null,
    primary key (client_name, minute, bucket)
);
create index statistics_request_counts_minute on statistics_request_counts (minute)
    where minute > '-infinity';

-- Every operation up to this id has been counted.
create table statistics_progress (
    only_one boolean primary key default true check (only_one),
    operation_id bigint not null default 0,
    refreshed_at timestamptz not null default now()
);
insert into statistics_progress default values;

create function athena_table_statistics(since timestamptz) returns table (
    client_name text, table_name text, operation text, total_operations bigint, error_operations bigint,
    avg_duration_ms double precision, p50_duration_ms double precision, p95_duration_ms double precision,
    p99_duration_ms double precision, total_cache_hits bigint, total_cache_misses bigint,
    cache_hit_ratio double precision, last_operation_at timestamptz, updated_at timestamptz
) language sql stable as $$
    with counted as (
        select c.client_name, c.table_name, c.operation, c.bucket, sum(c.operations) as operations,
               sum(c.errors) as errors, sum(c.hits) as hits, sum(c.misses) as misses,
               sum(c.duration_us) as duration_us, max(c.last_at) as last_at
        from statistics_operation_counts c
        where (since = '-infinity' and c.minute = '-infinity')
           or (since > '-infinity' and c.minute >= date_trunc('minute', since))
        group by 1, 2, 3, 4
    ), ranked as (
        select *, sum(operations) over (partition by client_name, table_name, operation order by bucket) as up_to,
               sum(operations) over (partition by client_name, table_name, operation) as total
        from counted
    )
    select r.client_name, nullif(r.table_name, ''), r.operation, max(r.total)::bigint, sum(r.errors)::bigint,
           (sum(r.duration_us) / max(r.total) / 1000)::float8,
           athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.5)),
           athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.95)),
           athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.99)),
           sum(r.hits)::bigint, sum(r.misses)::bigint,
           coalesce(sum(r.hits)::float8 / nullif(sum(r.hits) + sum(r.misses), 0), 0),
           max(r.last_at), (select refreshed_at from statistics_progress)
    from ranked r
    group by r.client_name, r.table_name, r.operation
$$;

create function athena_client_statistics(since timestamptz) returns table (
    client_name text, total_requests bigint, successful_requests bigint, failed_requests bigint,
    total_cached_requests bigint, total_operations bigint, avg_request_duration_ms double precision,
    p50_request_duration_ms double precision, p95_request_duration_ms double precision,
    p99_request_duration_ms double precision, cache_hit_ratio double precision,
    last_request_at timestamptz, last_operation_at timestamptz, updated_at timestamptz
) language sql stable as $$
    with counted as (
        select c.client_name, c.bucket, sum(c.requests) as requests, sum(c.successful) as successful,
               sum(c.failed) as failed, sum(c.cached) as cached, sum(c.duration_us) as duration_us,
               max(c.last_at) as last_at
        from statistics_request_counts c
        where (since = '-infinity' and c.minute = '-infinity')
           or (since > '-infinity' and c.minute >= date_trunc('minute', since))
        group by 1, 2
    ), ranked as (
        select *, sum(requests) over (partition by client_name order by bucket) as up_to,
               sum(requests) over (partition by client_name) as total
        from counted
    ), requests as (
        select r.client_name, max(r.total)::bigint as total, sum(r.successful)::bigint as successful,
               sum(r.failed)::bigint as failed, sum(r.cached)::bigint as cached,
               (sum(r.duration_us) / max(r.total) / 1000)::float8 as average,
               athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.5)) as p50,
               athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.95)) as p95,
               athena_bucket_ms(min(r.bucket) filter (where r.up_to >= r.total * 0.99)) as p99,
               max(r.last_at) as last_at
        from ranked r group by r.client_name
    ), operations as (
        select o.client_name, sum(o.total_operations)::bigint as total, max(o.last_operation_at) as last_at
        from athena_table_statistics(since) o group by o.client_name
    )
    select coalesce(r.client_name, o.client_name), coalesce(r.total, 0), coalesce(r.successful, 0),
           coalesce(r.failed, 0), coalesce(r.cached, 0), coalesce(o.total, 0), coalesce(r.average, 0),
           coalesce(r.p50, 0), coalesce(r.p95, 0), coalesce(r.p99, 0),
           coalesce(r.cached::float8 / nullif(r.total, 0), 0), r.last_at, o.last_at,
           greatest(r.last_at, (select refreshed_at from statistics_progress))
    from requests r full join operations o using (client_name)
$$;

-- Under the names that dashboards know.
create view client_statistics as select * from athena_client_statistics('-infinity');
create view client_table_statistics as select * from athena_table_statistics('-infinity');

create table athena_client_configs (
    id bigint generated always as identity primary key,
    athena_client_config_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    client_name text not null unique check (client_name = lower(client_name) and client_name <> ''),
    config jsonb not null default '{}',
    metadata jsonb not null default '{}'
);
create trigger athena_client_configs_changed after insert or update or delete or truncate on athena_client_configs
    for each statement execute function athena_changed('client_configs');

create table public_gateway_routes (
    id bigint generated always as identity primary key,
    public_gateway_route_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    route_key text not null check (route_key = lower(route_key) and route_key <> ''),
    client_name text not null check (client_name = lower(client_name) and client_name <> ''),
    allowed_ops text[] not null check (cardinality(allowed_ops) > 0),
    is_active boolean not null default true,
    metadata jsonb not null default '{}',
    deleted_at timestamptz,
    -- What the route is bound to; the columns are all of the table's when null.
    table_name text,
    any_table boolean not null default false,
    columns text[],
    forced_conditions jsonb not null default '[]',
    max_limit bigint check (max_limit > 0),
    saved_query text,
    allow_raw_sql boolean not null default false
);
create unique index public_gateway_routes_key on public_gateway_routes (route_key) where deleted_at is null;
create index public_gateway_routes_client on public_gateway_routes (client_name);
create trigger public_gateway_routes_changed after insert or update or delete or truncate on public_gateway_routes
    for each statement execute function athena_changed('public_routes');

insert into api_key_rights (name, description) values
    ('admin.statistics.read', 'See how much each client is used'),
    ('admin.configs.read', 'See how clients differ from the gateway''s settings'),
    ('admin.configs.write', 'Change how clients differ from the gateway''s settings'),
    ('admin.routes.read', 'See public routes'),
    ('admin.routes.write', 'Open and close public routes'),
    ('admin.audit.read', 'See what administrators did')
on conflict (name) do nothing;
