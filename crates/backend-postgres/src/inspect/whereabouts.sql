SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()),
    (SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = current_database())
