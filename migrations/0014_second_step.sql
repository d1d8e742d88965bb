-- A second step at sign-in, and the organisation a session works for.

create table console_totp (
    console_user_id uuid primary key references console_users on delete cascade,
    created_at timestamptz not null default now(),
    -- Sealed; until it is confirmed, the recovery codes are sealed with it.
    secret_id text not null unique references sys_secret,
    -- What no code has confirmed yet asks nobody for anything.
    confirmed_at timestamptz,
    -- A code of this step, or of one before it, lets nobody in again.
    last_step bigint
);

create table console_recovery_codes (
    console_user_id uuid not null references console_totp on delete cascade,
    code_hash text not null,
    used_at timestamptz,
    primary key (console_user_id, code_hash)
);

-- The first step was taken and the second one was not.
create table console_half_sign_ins (
    token_hash text primary key,
    created_at timestamptz not null default now(),
    console_user_id uuid not null references console_users on delete cascade,
    expires_at timestamptz not null,
    tries_left int not null
);
create index console_half_sign_ins_user on console_half_sign_ins (console_user_id);
create index console_half_sign_ins_end on console_half_sign_ins (expires_at);

alter table console_sessions
    add column organization_id uuid references organizations on delete set null;
create index console_sessions_organization on console_sessions (organization_id);

-- Every process believes a session for a moment, and what it is for.
create trigger console_sessions_moved after update of organization_id on console_sessions
    for each statement execute function athena_changed('people');
