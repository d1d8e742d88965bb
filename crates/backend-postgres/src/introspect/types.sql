-- Every type a column or a function has, and what stands behind it: a domain's base, an array's element.
WITH RECURSIVE used(oid) AS (
    SELECT DISTINCT a.atttypid
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
      AND n.nspname !~ '^pg_'
      AND n.nspname <> 'information_schema'
      AND a.attnum > 0
      AND NOT a.attisdropped
  UNION
    SELECT signature.oid
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    CROSS JOIN LATERAL
        unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]) || p.prorettype) AS signature(oid)
    WHERE n.nspname !~ '^pg_'
      AND n.nspname <> 'information_schema'
  UNION
    SELECT behind.oid
    FROM used
    JOIN pg_catalog.pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (
        VALUES (t.typelem), (t.typbasetype)
      UNION ALL
        SELECT a.atttypid
        FROM pg_catalog.pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS behind(oid)
    WHERE behind.oid <> 0
)
SELECT t.oid::int8 AS oid,
       n.nspname::text AS schema,
       t.typname::text AS name,
       format_type(t.oid, NULL) AS sql_type,
       t.typtype::text AS kind,
       -- A "true" array; int2vector and its like have elements too.
       CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END::int8 AS element,
       t.typbasetype::int8 AS base,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base_sql
FROM used
JOIN pg_catalog.pg_type t ON t.oid = used.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
