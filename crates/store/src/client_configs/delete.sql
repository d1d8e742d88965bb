delete from athena_client_configs where client_name = $1
returning athena_client_config_id::text as id, client_name, config::text as config, metadata::text as metadata,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
