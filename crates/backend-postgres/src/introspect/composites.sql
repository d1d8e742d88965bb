-- The columns of every composite type that a function returns, a table's own row type included.
SELECT t.oid::int8 AS type,
       a.attname::text AS name,
       a.atttypid::int8 AS column_type,
       format_type(a.atttypid, a.atttypmod) AS sql_type
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid
WHERE t.typtype = 'c'
  AND a.attnum > 0
  AND NOT a.attisdropped
  AND t.oid IN (SELECT p.prorettype
                FROM pg_catalog.pg_proc p
                JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
ORDER BY t.oid, a.attnum
