-- Enums with their values in sort order.
SELECT json_build_object(
           'schema', n.nspname,
           'name', t.typname,
           'values', json_agg(e.enumlabel ORDER BY e.enumsortorder)
       )::text
FROM pg_catalog.pg_enum e
JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = ANY ($1)
GROUP BY n.nspname, t.typname
ORDER BY n.nspname, t.typname
