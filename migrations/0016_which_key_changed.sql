-- Processes keep very many keys in memory, so they are told which one changed, and read no other.

create function athena_key_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('athena_keys', (case tg_op when 'DELETE' then old.id else new.id end)::text);
    return null;
end
$$;
create function athena_key_grant_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('athena_keys', (case tg_op when 'DELETE' then old.api_key_id else new.api_key_id end)::text);
    if tg_op = 'UPDATE' and old.api_key_id <> new.api_key_id then
        perform pg_notify('athena_keys', old.api_key_id::text);
    end if;
    return null;
end
$$;

drop trigger api_keys_made on api_keys;
drop trigger api_keys_changed on api_keys;
drop trigger api_key_right_grants_changed on api_key_right_grants;

create trigger api_keys_made after insert or delete on api_keys
    for each row execute function athena_key_changed();
create trigger api_keys_changed
    after update of name, client_name, key_salt, key_hash, hash_version, pepper_id, expires_at, is_active,
        deleted_at, previous_hash, previous_until on api_keys
    for each row execute function athena_key_changed();
create trigger api_keys_emptied after truncate on api_keys
    for each statement execute function athena_keys_changed();
create trigger api_key_right_grants_changed after insert or update or delete on api_key_right_grants
    for each row execute function athena_key_grant_changed();
create trigger api_key_right_grants_emptied after truncate on api_key_right_grants
    for each statement execute function athena_keys_changed();
