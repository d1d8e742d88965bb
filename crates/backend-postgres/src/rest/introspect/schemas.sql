-- The exposed schemas that are there.
SELECT nspname::text AS name,
       obj_description(oid, 'pg_namespace') AS comment
FROM pg_catalog.pg_namespace
WHERE nspname = ANY($1)
