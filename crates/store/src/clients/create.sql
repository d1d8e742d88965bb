insert into athena_clients as c
    (client_name, label, driver, schema_mode, config, pool, ssl, external, credentials_ref,
     pg_uri_env_var, is_active, created_by, updated_by, origin, source, metadata)
values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb, $9, $10, $11, $12, $12,
        'runtime', 'database', '{"managed_by": "admin_api"}')
on conflict (lower(client_name), origin) do update set
    label = excluded.label,
    driver = excluded.driver,
    schema_mode = excluded.schema_mode,
    config = excluded.config,
    pool = excluded.pool,
    ssl = excluded.ssl,
    external = excluded.external,
    credentials_ref = excluded.credentials_ref,
    pg_uri = null,
    config_uri_template = null,
    pg_uri_env_var = excluded.pg_uri_env_var,
    is_active = excluded.is_active,
    is_frozen = false,
    deleted_at = null,
    created_at = now(),
    updated_at = now(),
    created_by = excluded.created_by,
    updated_by = excluded.updated_by,
    version = c.version + 1
where c.deleted_at is not null
returning c.id
