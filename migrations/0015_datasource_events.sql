-- What happened to clients, as it was told to those who listened.

create table datasource_events (
    id bigint generated always as identity primary key,
    -- What every node hears of alike has one id, and is one row.
    event_id uuid not null unique,
    kind text not null,
    client_name text not null,
    -- The process that saw it.
    node uuid not null,
    occurred_at timestamptz not null,
    data jsonb
);
create index datasource_events_client on datasource_events (client_name, id);
create index datasource_events_age on datasource_events (occurred_at);
