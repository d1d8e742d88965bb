-- Clients that are made while the server runs, and the secrets they need.

-- Never written to, and in another shape than what took its place.
drop table secrets;

-- Sealed before they get here; the key is not in this database.
create table sys_secret (
    id text primary key check (id ~ '^sec_[0-9a-f]{32}$'),
    namespace text not null,
    key text not null,
    kms_key_id text not null,
    alg text not null,
    version int not null default 1,
    ciphertext text not null,
    created_at timestamptz not null default now(),
    rotated_at timestamptz
);
create index sys_secret_place on sys_secret (namespace, key);

-- Of rows that were removed under one name, the last is the one that can come back.
delete from athena_clients older using athena_clients newer
where lower(older.client_name) = lower(newer.client_name) and older.deleted_at is not null
    and (newer.deleted_at is null or newer.id > older.id);
drop index athena_clients_name;

-- A file and a database in memory have no connection string.
alter table athena_clients drop constraint athena_clients_check;
alter table athena_clients
    add column origin text not null default 'runtime' check (origin in ('config', 'runtime')),
    add column label text,
    add column driver text not null default 'postgres' check (driver <> ''),
    add column schema_mode text not null default 'managed'
        check (schema_mode in ('managed', 'external', 'validate-only')),
    add column config jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    add column pool jsonb,
    add column ssl jsonb,
    add column external jsonb,
    add column credentials_ref text,
    add column defined_in text,
    add column version int not null default 1,
    add column created_by text,
    add column updated_by text,
    -- Where a client of the configuration leads stands in the configuration alone.
    add check (origin = 'runtime' or (pg_uri is null and config_uri_template is null and config = '{}' and credentials_ref is null));

-- A name may be in the configuration and at run time; the configuration wins.
create unique index athena_clients_name on athena_clients (lower(client_name), origin);

create trigger athena_clients_changed after insert or update or delete or truncate on athena_clients
    for each statement execute function athena_changed('clients');

insert into api_key_rights (name, description) values
    ('datasources.*', 'Everything about clients'),
    ('datasources.read', 'See clients and where they lead'),
    ('datasources.write', 'Make, change and remove clients'),
    ('datasources.import', 'Import tables of clients as resources')
on conflict (name) do nothing;
