-- Every enum and its values in sort order.
SELECT n.nspname::text AS schema,
       t.typname::text AS name,
       array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
FROM pg_catalog.pg_enum e
JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
GROUP BY n.nspname, t.typname
ORDER BY n.nspname, t.typname
