update athena_clients set
    label = $2,
    driver = $3,
    schema_mode = $4,
    config = $5::jsonb,
    pool = $6::jsonb,
    ssl = $7::jsonb,
    external = $8::jsonb,
    credentials_ref = $9,
    -- Where it leads stands in its configuration from now on.
    pg_uri = null,
    config_uri_template = null,
    pg_uri_env_var = $10,
    is_active = $11,
    updated_by = $12,
    is_frozen = $15,
    updated_at = now(),
    version = version + 1
where lower(client_name) = lower($1) and version = $13 and origin = $14 and deleted_at is null
returning id
