-- What an installation writes down of the APIs it offers, for `GET /registry`.
create table api_registry (
    id bigint generated always as identity primary key,
    api_registry_id uuid not null unique default gen_random_uuid(),
    name text not null,
    description text,
    config jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index api_registry_updated on api_registry (updated_at desc);
