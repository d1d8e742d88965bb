-- What administrators did, each row bound to the one before it, and one channel for all changes.

create table admin_audit (
    sequence bigint primary key,
    -- Microseconds since 1970, as they went into the hash.
    at_micros bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    outcome text not null check (outcome in ('done', 'failed', 'refused')),
    request_id text,
    -- As texts, because jsonb would not give back the bytes that were hashed.
    before text,
    after text,
    hash bytea not null
);
create index admin_audit_subject on admin_audit (subject collate "C", sequence desc);
create index admin_audit_actor on admin_audit (actor collate "C", sequence desc);

create table admin_audit_head (
    only_one boolean primary key default true check (only_one),
    sequence bigint not null,
    hash bytea not null
);
insert into admin_audit_head (sequence, hash) values (0, '');

-- Triggers of tables that processes keep in memory call this with the name of their topic.
create function athena_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('athena_changes', tg_argv[0]);
    return null;
end
$$;
