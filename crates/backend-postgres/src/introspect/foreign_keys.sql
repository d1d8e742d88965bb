-- Foreign keys, once each: the copies PostgreSQL keeps for a partitioned target's parts are left out.
SELECT f.conrelid::int8 AS relation,
       f.conname::text AS name,
       tn.nspname::text AS target_schema,
       tc.relname::text AS target_name,
       ARRAY(SELECT a.attname::text
             FROM unnest(f.conkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number
             ORDER BY k.place) AS columns,
       ARRAY(SELECT a.attname::text
             FROM unnest(f.confkey) WITH ORDINALITY AS k(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number
             ORDER BY k.place) AS target_columns
FROM pg_catalog.pg_constraint f
JOIN pg_catalog.pg_class tc ON tc.oid = f.confrelid
JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = f.conparentid
WHERE f.contype = 'f'
  AND (parent.oid IS NULL OR parent.conrelid <> f.conrelid)
ORDER BY f.conrelid, f.conname
