SELECT jsonb_build_object('name', d.datname, 'oid', d.oid::bigint)::text
FROM pg_catalog.pg_database d
WHERE d.datallowconn AND NOT d.datistemplate
ORDER BY d.datname COLLATE "C"
