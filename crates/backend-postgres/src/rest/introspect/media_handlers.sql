-- Functions and aggregates that answer a domain named like a media type.
WITH media_types AS (
    SELECT t.oid,
           t.typname::text AS name,
           t.typnamespace
    FROM pg_catalog.pg_type t
    WHERE t.typtype = 'd'
      AND (t.typname ~* '^[A-Za-z0-9.-]+/[A-Za-z0-9.\+-]+$' OR t.typname = '*/*')
)
SELECT fn.nspname::text AS function_schema,
       p.proname::text AS function_name,
       CASE WHEN c.oid IS NOT NULL THEN tn.nspname::text END AS target_schema,
       CASE WHEN c.oid IS NOT NULL THEN t.typname::text END AS target_name,
       m.name AS media_type
FROM media_types m
JOIN pg_catalog.pg_proc p ON p.prorettype = m.oid
JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0]
JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind IN ('v', 'r', 'm', 'f', 'p')
WHERE fn.nspname = ANY($1)
  AND p.prokind = 'a'
  AND p.pronargs = 1
  AND (c.oid IS NOT NULL OR t.oid = 'anyelement'::regtype)
UNION ALL
-- A function is its own target: its result only has to be cast.
SELECT mn.nspname::text,
       m.name,
       fn.nspname::text,
       p.proname::text,
       m.name
FROM media_types m
JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace
JOIN pg_catalog.pg_proc p ON p.prorettype = m.oid
JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
WHERE fn.nspname = ANY($1)
  AND p.prokind = 'f'
  AND NOT p.proretset
