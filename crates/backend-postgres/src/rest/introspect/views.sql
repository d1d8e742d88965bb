-- Views that show columns to callers, and those that may stand between such a view and its tables.
SELECT c.oid::int8 AS oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       n.nspname = ANY($1) AS is_exposed,
       r.ev_action::text AS definition
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid
WHERE c.relkind IN ('v', 'm')
  AND n.nspname = ANY($1 || $2)
  AND r.ev_type = '1'
