-- Keys, uniques, checks and foreign keys, columns in the order of the constraint.
SELECT json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'name', o.conname,
           'kind', o.contype::text,
           'columns', ARRAY(SELECT a.attname
                            FROM unnest(o.conkey) WITH ORDINALITY AS k(number, place)
                            JOIN pg_catalog.pg_attribute a
                              ON a.attrelid = o.conrelid AND a.attnum = k.number
                            ORDER BY k.place),
           'target_schema', tn.nspname,
           'target', tc.relname,
           'target_columns', ARRAY(SELECT a.attname
                                   FROM unnest(o.confkey) WITH ORDINALITY AS k(number, place)
                                   JOIN pg_catalog.pg_attribute a
                                     ON a.attrelid = o.confrelid AND a.attnum = k.number
                                   ORDER BY k.place),
           'on_delete', o.confdeltype::text,
           'on_update', o.confupdtype::text,
           'expression', CASE WHEN o.contype = 'c' THEN pg_get_expr(o.conbin, o.conrelid) END,
           -- Not in the catalog before PostgreSQL 15.
           'nulls_not_distinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false)
       )::text
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class tc ON tc.oid = o.confrelid AND o.contype = 'f'
LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = o.conindid AND o.contype = 'u'
LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = o.conparentid
WHERE o.contype IN ('p', 'u', 'c', 'f')
  AND n.nspname = ANY ($1)
  AND (parent.oid IS NULL OR parent.conrelid <> o.conrelid)
ORDER BY o.conrelid, o.conname
