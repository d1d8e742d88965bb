-- Requests that are done later, requests that were turned away, and how many are let in.

create table gateway_deferred_request_queue (
    request_id text primary key,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    method text not null,
    route text not null,
    client_name text not null,
    request_bytes bigint not null,
    -- Not jsonb, which would put members in another order and refuse texts that JSON allows.
    payload json not null,
    status text not null default 'queued'
        check (status in ('queued', 'running', 'completed', 'dead_letter', 'cancelled')),
    deferred_reason text not null,
    attempts int not null default 0,
    next_attempt_at timestamptz not null default now(),
    completed_at timestamptz,
    error_code text,
    error_message text,
    result_summary jsonb,
    result_status int,
    -- The whole answer; null when it was too large to keep.
    result bytea,
    -- Who filed it, and in whose name it is done: the public id of a key, or a word.
    caller text not null,
    idempotency_key text,
    lease_owner uuid,
    lease_until timestamptz,
    -- What its write goes by in the client's database, noted there before it can be committed.
    mark text
);
create index gateway_deferred_due on gateway_deferred_request_queue (next_attempt_at, request_id)
    where status = 'queued';
create index gateway_deferred_leases on gateway_deferred_request_queue (lease_until)
    where status = 'running';
create index gateway_deferred_open on gateway_deferred_request_queue (client_name)
    where status in ('queued', 'running');
create index gateway_deferred_over on gateway_deferred_request_queue (completed_at)
    where completed_at is not null;
create index gateway_deferred_newest on gateway_deferred_request_queue (client_name, created_at desc);

create trigger gateway_deferred_filed after insert on gateway_deferred_request_queue
    for each statement execute function athena_changed('deferred');

create table gateway_admission_events (
    id bigint generated always as identity primary key,
    event_id uuid not null unique,
    created_at timestamptz not null default now(),
    method text not null,
    route text not null,
    client_name text,
    request_bytes bigint,
    defer_requested boolean not null default false,
    is_query_route boolean not null default false,
    decision text not null,
    reason text not null,
    deferred_request_id text,
    retry_after_seconds bigint,
    window_seconds bigint,
    global_limit_per_window bigint,
    per_client_limit_per_window bigint,
    meta jsonb not null default '{}'
);
create index gateway_admission_events_newest on gateway_admission_events (created_at desc);
create index gateway_admission_events_decision on gateway_admission_events (decision, created_at desc);
create index gateway_admission_events_client on gateway_admission_events (client_name, created_at desc);
create view admission_events as select * from gateway_admission_events;

-- While there is no row, the settings of each process say how many requests are let in.
create table admission_limits (
    only_one boolean primary key default true check (only_one),
    updated_at timestamptz not null default now(),
    updated_by text not null,
    limits jsonb not null
);
create trigger admission_limits_changed after insert or update or delete or truncate on admission_limits
    for each statement execute function athena_changed('admission');

insert into api_key_rights (name, description) values
    ('deferred.read', 'See deferred requests of others'),
    ('deferred.manage', 'Cancel and requeue deferred requests of others'),
    ('admission.read', 'See how many requests are let in, and which were turned away'),
    ('admission.manage', 'Say how many requests are let in')
on conflict (name) do nothing;
