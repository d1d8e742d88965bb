insert into athena_client_configs (client_name, config, metadata) values ($1, $2::jsonb, $3::jsonb)
on conflict (client_name) do nothing
returning athena_client_config_id::text as id, client_name, config::text as config, metadata::text as metadata,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
