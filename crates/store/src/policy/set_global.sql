insert into api_key_config (api_key_config_id, enforce_api_keys)
values ('00000000-0000-0000-0000-000000000000', $1)
on conflict (api_key_config_id) do update
set enforce_api_keys = excluded.enforce_api_keys, updated_at = now()
returning enforce_api_keys, to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
