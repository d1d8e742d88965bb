-- People of the console, how they get in, and what they like.

create table console_users (
    console_user_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    email text not null check (email = lower(email) and email <> ''),
    display_name text,
    role text not null default 'admin' check (role in ('admin')),
    -- Nobody signs in with a password that was never set.
    password_hash text,
    is_active boolean not null default true,
    last_sign_in_at timestamptz,
    unique (email)
);

create table console_sessions (
    console_session_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    console_user_id uuid not null references console_users on delete cascade,
    token_hash text not null unique,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    remote_addr text
);
create index console_sessions_user on console_sessions (console_user_id);
create index console_sessions_end on console_sessions (expires_at);

create table console_links (
    console_link_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    console_user_id uuid not null references console_users on delete cascade,
    token_hash text not null unique,
    expires_at timestamptz not null,
    redeemed_at timestamptz
);
create index console_links_end on console_links (expires_at);

create table console_preferences (
    console_user_id uuid not null references console_users on delete cascade,
    name text not null check (name <> '' and length(name) <= 200),
    value jsonb not null,
    updated_at timestamptz not null default now(),
    primary key (console_user_id, name)
);

-- Sealed before they get here; the key is not in this database.
create table secrets (
    secret_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    name text not null unique,
    sealed bytea not null,
    key_version int not null default 1
);
