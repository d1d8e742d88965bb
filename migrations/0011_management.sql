-- Changes of structure that went through this gateway, and which clients they were made to.

create table management_audit (
    id bigint generated always as identity primary key,
    management_audit_id uuid not null unique default gen_random_uuid(),
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    request_id text,
    actor text not null,
    client_name text not null,
    schema_name text,
    table_name text,
    object_name text not null,
    object_type text not null,
    operation text not null,
    -- A row that stays at `started` is of a process that ended before it knew.
    status text not null default 'started'
        check (status in ('started', 'success', 'unchanged', 'failed')),
    executed_sql jsonb not null,
    -- What headers said of whom it was for. Nobody checked it.
    claimed jsonb not null default '{}',
    error_code text,
    error_message text,
    duration_ms bigint
);
create index management_audit_client on management_audit (client_name, id desc);

-- A row is written before the change and finished once; then it stays as it is.
create function management_audit_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.status = 'started' and new.status <> 'started'
        and (new.id, new.management_audit_id, new.created_at, new.request_id, new.actor,
             new.client_name, new.schema_name, new.table_name, new.object_name, new.object_type,
             new.operation, new.executed_sql, new.claimed)
            is not distinct from
            (old.id, old.management_audit_id, old.created_at, old.request_id, old.actor,
             old.client_name, old.schema_name, old.table_name, old.object_name, old.object_type,
             old.operation, old.executed_sql, old.claimed)
    then
        return new;
    end if;
    raise exception 'what was written down of a change of structure is neither changed nor removed';
end
$$;
create trigger management_audit_rows before update or delete on management_audit
    for each row execute function management_audit_is_kept();
create trigger management_audit_all before truncate on management_audit
    for each statement execute function management_audit_is_kept();

-- Other nodes read a client's schema again when its count grows.
create table structure_changes (
    client_name text primary key,
    generation bigint not null default 1
);
create trigger structure_changed after insert or update on structure_changes
    for each statement execute function athena_changed('structure');

insert into api_key_rights (name, description)
values ('management.provision.write', 'Make databases on a client''s server')
on conflict (name) do nothing;
