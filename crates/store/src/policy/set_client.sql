insert into api_key_client_config (client_name, enforce_api_keys)
values (lower($1), $2)
on conflict (lower(client_name)) do update
set enforce_api_keys = excluded.enforce_api_keys, updated_at = now()
returning
    lower(client_name) as client_name,
    enforce_api_keys,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
