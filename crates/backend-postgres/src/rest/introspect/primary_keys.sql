-- Primary keys of all tables: a view may show the key of a table that is not exposed.
SELECT k.conrelid::int8 AS relation,
       k.conkey AS positions,
       ARRAY(
           SELECT a.attname::text
           FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
           ORDER BY a.attname
       ) AS columns
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'p'
  AND c.relkind IN ('r', 'p')
  AND k.connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
