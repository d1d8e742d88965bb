-- Clients, API keys and what they open.

create table athena_clients (
    id bigint generated always as identity primary key,
    athena_client_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    client_name text not null check (client_name <> ''),
    description text,
    pg_uri text,
    pg_uri_env_var text,
    config_uri_template text,
    source text not null default 'database' check (source in ('config', 'database', 'merged')),
    is_active boolean not null default true,
    is_frozen boolean not null default false,
    last_synced_from_config_at timestamptz,
    last_seen_at timestamptz,
    metadata jsonb not null default '{}',
    deleted_at timestamptz,
    check (coalesce(pg_uri, pg_uri_env_var, config_uri_template) is not null)
);
create unique index athena_clients_name on athena_clients (lower(client_name)) where deleted_at is null;

create table api_keys (
    id bigint generated always as identity primary key,
    api_keys_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    public_id text not null unique,
    name text not null,
    description text,
    client_name text,
    key_salt text not null,
    key_hash text not null,
    expires_at timestamptz,
    is_active boolean not null default true,
    last_used_at timestamptz
);
create index api_keys_newest on api_keys (created_at desc, id desc);

create table api_key_rights (
    id bigint generated always as identity primary key,
    api_key_rights_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    name text not null unique,
    description text
);

create table api_key_right_grants (
    id bigint generated always as identity,
    api_key_right_grants_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    api_key_id bigint not null references api_keys (id) on delete cascade,
    right_id bigint not null references api_key_rights (id) on delete cascade,
    primary key (api_key_id, right_id)
);
create index api_key_right_grants_right on api_key_right_grants (right_id);

create table api_key_config (
    id bigint generated always as identity primary key,
    api_key_config_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    enforce_api_keys boolean not null default true
);
insert into api_key_config (api_key_config_id) values ('00000000-0000-0000-0000-000000000000');

create table api_key_client_config (
    id bigint generated always as identity primary key,
    api_key_client_config_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    client_name text not null unique,
    enforce_api_keys boolean not null default true
);

create table api_key_auth_log (
    id bigint generated always as identity primary key,
    api_key_auth_log_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    request_id text not null,
    api_key_id bigint references api_keys (id) on delete set null,
    api_key_public_id text,
    client_name text,
    method text not null,
    path text not null,
    presented_key_hash text,
    presented_key_salt text,
    required_rights jsonb not null default '[]',
    granted_rights jsonb not null default '[]',
    authenticated boolean not null default false,
    authorized boolean not null default false,
    enforced boolean not null default false,
    failure_reason text,
    remote_addr text,
    user_agent text,
    time timestamptz not null default now(),
    unique (request_id, api_key_public_id)
);
create index api_key_auth_log_key on api_key_auth_log (api_key_id);
create index api_key_auth_log_client on api_key_auth_log (client_name);
create index api_key_auth_log_time on api_key_auth_log (time);

insert into api_key_rights (name, description) values
    ('*', 'Everything'),
    ('gateway.*', 'Everything about data, on every table'),
    ('gateway.read', 'Read every table'),
    ('gateway.write', 'Insert into and update every table'),
    ('gateway.delete', 'Delete from every table'),
    ('gateway.query', 'Run SQL'),
    ('gateway.rpc.execute', 'Call functions'),
    ('schema.read', 'See every table and column'),
    ('management.*', 'Everything about structure'),
    ('management.read', 'See structure'),
    ('management.tables.write', 'Create and change tables'),
    ('management.tables.drop', 'Drop tables'),
    ('management.columns.write', 'Create and change columns'),
    ('management.columns.drop', 'Drop columns'),
    ('management.indexes.write', 'Create indexes'),
    ('management.indexes.drop', 'Drop indexes'),
    ('management.functions.read', 'See functions'),
    ('management.functions.write', 'Create and change functions'),
    ('management.functions.drop', 'Drop functions'),
    ('management.extensions.write', 'Install extensions');

-- Every process keeps the keys in memory and must hear of a change, also of one made by hand.
-- The record of a key's last use is no change.
create function athena_keys_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('athena_keys', '');
    return null;
end
$$;
create trigger api_keys_made after insert or delete or truncate on api_keys
    for each statement execute function athena_keys_changed();
create trigger api_keys_changed
    after update of name, client_name, key_salt, key_hash, expires_at, is_active on api_keys
    for each statement execute function athena_keys_changed();
create trigger api_key_rights_changed after update or delete or truncate on api_key_rights
    for each statement execute function athena_keys_changed();
create trigger api_key_right_grants_changed after insert or update or delete or truncate on api_key_right_grants
    for each statement execute function athena_keys_changed();
create trigger api_key_config_changed after insert or update or delete or truncate on api_key_config
    for each statement execute function athena_keys_changed();
create trigger api_key_client_config_changed after insert or update or delete or truncate on api_key_client_config
    for each statement execute function athena_keys_changed();
