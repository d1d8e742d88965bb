-- What rows must keep to beside unique and foreign keys, and what primary keys are called.
SELECT n.nspname::text AS schema,
       c.relname::text AS relation,
       r.conname::text AS name,
       r.contype::text AS kind,
       ARRAY(SELECT a.attname::text
             FROM unnest(r.conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = r.conrelid AND a.attnum = k.number
             ORDER BY CASE r.contype WHEN 'c' THEN k.number ELSE k.place END) AS columns,
       pg_catalog.pg_get_constraintdef(r.oid) AS definition
FROM pg_catalog.pg_constraint r
JOIN pg_catalog.pg_class c ON c.oid = r.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.contype IN ('c', 'p', 'x')
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, r.contype, r.conname
