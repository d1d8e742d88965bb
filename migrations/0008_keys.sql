-- Keys: hashes under the server's pepper, secrets that overlap, archived keys, admin keys that were
-- made here, the whole catalogue of rights, and a log of uses that no caller can write into.

alter table api_keys
    -- 0: SHA-256 over the salt, a colon and the secret. 1: HMAC-SHA-256 over the id and the secret.
    add column hash_version smallint not null default 0,
    -- Which pepper, for version 1. It tells nothing of the pepper itself.
    add column pepper_id text,
    add column rotated_at timestamptz,
    add column deleted_at timestamptz,
    -- The secret before the last rotation, for as long as it still opens.
    add column previous_hash_version smallint,
    add column previous_pepper_id text,
    add column previous_salt text,
    add column previous_hash text,
    add column previous_until timestamptz,
    add check ((previous_hash is null) = (previous_until is null));

-- Names of clients are compared without regard to case.
update api_keys set client_name = lower(btrim(client_name)) where client_name <> lower(btrim(client_name));
delete from api_key_client_config older using api_key_client_config newer
    where lower(btrim(older.client_name)) = lower(btrim(newer.client_name)) and older.id < newer.id;
update api_key_client_config set client_name = lower(btrim(client_name))
    where client_name <> lower(btrim(client_name));
create unique index api_key_client_config_name on api_key_client_config (lower(client_name));

drop trigger api_keys_changed on api_keys;
create trigger api_keys_changed
    after update of name, client_name, key_salt, key_hash, hash_version, pepper_id, expires_at, is_active,
        deleted_at, previous_hash, previous_until on api_keys
    for each statement execute function athena_keys_changed();

create table admin_keys (
    admin_key_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    -- 'made' here, or 'configured' in the settings and retired here.
    kind text not null check (kind in ('made', 'configured')),
    pepper_id text not null,
    -- HMAC-SHA-256 under the pepper.
    digest text not null unique,
    expires_at timestamptz
);
create trigger admin_keys_changed after insert or update or delete or truncate on admin_keys
    for each statement execute function athena_keys_changed();

-- Ids of requests may be the callers' own, and a caller may send one twice. A row must cost little,
-- for every request may write one: ids grow with time, so they order the rows, and no row of a key
-- is locked for them.
alter table api_key_auth_log
    drop constraint api_key_auth_log_request_id_api_key_public_id_key,
    drop constraint api_key_auth_log_api_key_auth_log_id_key,
    drop constraint api_key_auth_log_api_key_id_fkey,
    drop column presented_key_salt;
drop index api_key_auth_log_key;
drop index api_key_auth_log_client;
create index api_key_auth_log_client on api_key_auth_log (client_name collate "C", id);
create index api_key_auth_log_public on api_key_auth_log (api_key_public_id collate "C", id);

insert into api_key_rights (name, description) values
    ('gateway.sql', 'Run SQL through /gateway/sql and /query/sql'),
    ('registry.read', 'See every route'),
    ('metrics.read', 'Read the metrics'),
    ('deferred.*', 'Everything about deferred requests'),
    ('deferred.read', 'See deferred requests'),
    ('deferred.manage', 'Run deferred requests again, or cancel them'),
    ('admission.*', 'Everything about admission'),
    ('admission.read', 'See limits and what was turned away'),
    ('admission.manage', 'Change limits'),
    ('datasources.*', 'Everything about data sources'),
    ('datasources.read', 'See data sources'),
    ('datasources.write', 'Make, change and remove data sources'),
    ('datasources.import', 'Import tables of external databases'),
    ('management.provision.write', 'Make databases')
on conflict (name) do nothing;
