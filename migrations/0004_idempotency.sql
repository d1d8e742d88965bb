-- Writes that carried a key: each key is claimed before its write begins and kept with its answer,
-- so that a write that is sent again is not done again, whichever node it reaches.

create table idempotency_keys (
    client_name text not null,
    -- Who sent it: the public id of a key, or a word for everybody without one.
    caller text not null,
    key text not null,
    request_hash bytea not null,
    -- Tells a claim from a later one of the same key.
    claim uuid not null,
    claimed_at timestamptz not null default now(),
    expires_at timestamptz not null,
    finished_at timestamptz,
    status int,
    content_type text,
    -- Null when the answer was too large to keep.
    body bytea,
    primary key (client_name, caller, key),
    check ((finished_at is null) = (status is null))
);
create index idempotency_keys_over on idempotency_keys (expires_at);

insert into api_key_rights (name, description) values
    ('gateway.jdbc', 'Name a database in a header')
on conflict (name) do nothing;
