update athena_clients set
    deleted_at = now(),
    is_active = false,
    pg_uri = null,
    config_uri_template = null,
    credentials_ref = null,
    updated_by = $3,
    updated_at = now(),
    version = version + 1
where lower(client_name) = lower($1) and version = $2 and origin = 'runtime' and deleted_at is null
