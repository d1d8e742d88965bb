-- What was asked and how it went.

create table gateway_request_log (
    id bigint generated always as identity primary key,
    created_at timestamptz not null default now(),
    request_id text not null,
    client text,
    method text,
    path text,
    query_string text,
    status_code int,
    ipv4 text,
    user_agent text,
    headers jsonb,
    body jsonb,
    user_id text,
    company_id text,
    organization_id text,
    api_key_id text,
    presented_api_key_public_id text,
    presented_api_key_hash text,
    presented_api_key_salt text,
    api_key_authenticated boolean not null default false,
    api_key_authorized boolean not null default false,
    api_key_enforced boolean not null default false,
    api_key_auth_reason text,
    host text,
    cached boolean,
    duration_ms bigint,
    cache_lookup_outcome text,
    cache_source text,
    operation text,
    table_name text,
    time numeric not null
);
create index gateway_request_log_request on gateway_request_log (request_id);
create index gateway_request_log_newest on gateway_request_log (created_at desc);
create index gateway_request_log_client on gateway_request_log (client, created_at desc) where client is not null;

create table gateway_operation_log (
    id bigint generated always as identity primary key,
    created_at timestamptz not null default now(),
    request_id text not null,
    operation text,
    table_name text,
    client text,
    method text,
    path text,
    status_code int,
    duration_ms bigint,
    details jsonb,
    time numeric not null,
    error boolean not null default false,
    message text,
    cache_key text,
    cache_lookup_outcome text,
    cache_source text,
    cached boolean
);
create index gateway_operation_log_request on gateway_operation_log (request_id);
create index gateway_operation_log_newest on gateway_operation_log (created_at desc);
create index gateway_operation_log_table on gateway_operation_log (client, table_name, operation, created_at desc);
