-- Organisations, who belongs to them, and what members may do there.

alter table console_users drop constraint console_users_role_check;
alter table console_users add check (role in ('admin', 'member'));

create table organizations (
    organization_id uuid primary key default gen_random_uuid(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    name text not null check (name <> ''),
    -- What its members' writes say of the company they are for.
    company_id text check (company_id <> '')
);
create unique index organizations_name on organizations (lower(name));

create table memberships (
    console_user_id uuid not null references console_users on delete cascade,
    organization_id uuid not null references organizations on delete cascade,
    created_at timestamptz not null default now(),
    -- create:invoices, read:*
    scopes text[] not null default '{}',
    primary key (console_user_id, organization_id)
);
create index memberships_organization on memberships (organization_id);

-- Every process believes a session for a moment and must hear when it should not.
create trigger console_users_changed
    after update of email, display_name, role, is_active, password_hash or delete on console_users
    for each statement execute function athena_changed('people');
create trigger console_sessions_ended after update of revoked_at on console_sessions
    for each statement execute function athena_changed('people');
create trigger organizations_changed after update or delete on organizations
    for each statement execute function athena_changed('people');
create trigger memberships_changed after insert or update or delete on memberships
    for each statement execute function athena_changed('people');
