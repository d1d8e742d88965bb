-- What was imported of databases that belong to others, what their catalogs were, and how they moved.

create table external_resources (
    id bigint generated always as identity primary key,
    external_resource_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    created_by text not null,
    client_name text not null,
    resource_name text not null,
    remote_schema text not null,
    remote_name text not null,
    -- The whole resource: its fields, its key, what is left out.
    definition jsonb not null
);
create unique index external_resources_name on external_resources (client_name, resource_name);
create index external_resources_remote on external_resources (client_name, remote_schema, remote_name);

-- Every process keeps the resources in memory.
create trigger external_resources_changed
    after insert or update or delete or truncate on external_resources
    for each statement execute function athena_changed('federation');

create table external_catalogs (
    id bigint generated always as identity primary key,
    external_catalog_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    client_name text not null,
    name text not null,
    snapshot jsonb not null
);
create index external_catalogs_newest on external_catalogs (client_name, id desc);

create table external_drift (
    id bigint generated always as identity primary key,
    external_drift_id uuid not null unique default gen_random_uuid(),
    client_name text not null,
    resource_name text not null,
    fingerprint text not null,
    diffs jsonb not null,
    first_seen_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    seen_count bigint not null default 1 check (seen_count > 0),
    resolved_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text
);
-- The same differences are one event until they are gone.
create unique index external_drift_open on external_drift (client_name, resource_name, fingerprint)
    where resolved_at is null;
create index external_drift_newest on external_drift (client_name, id desc);

insert into api_key_rights (name, description) values
    ('datasources.sql', 'Run SQL on clients that show some schemas only')
on conflict (name) do nothing;
