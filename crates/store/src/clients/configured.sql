insert into athena_clients
    (client_name, driver, pg_uri_env_var, defined_in, origin, source, last_synced_from_config_at, metadata)
values ($1, $2, $3, $4, 'config', 'config', now(), '{"seeded_from": "config.yaml"}')
on conflict (lower(client_name), origin) do update set
    driver = excluded.driver,
    pg_uri_env_var = excluded.pg_uri_env_var,
    defined_in = excluded.defined_in,
    last_synced_from_config_at = now()
where (athena_clients.driver, athena_clients.pg_uri_env_var, athena_clients.defined_in)
    is distinct from (excluded.driver, excluded.pg_uri_env_var, excluded.defined_in)
