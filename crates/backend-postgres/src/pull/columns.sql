-- Columns in order, with their type in parts, their default, and the sequence behind them.
SELECT json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'name', a.attname,
           'spelled', format_type(a.atttypid, a.atttypmod),
           'dimensions', a.attndims,
           'is_array', e.oid IS NOT NULL,
           'type_kind', coalesce(e.typtype, t.typtype)::text,
           'type_schema', tn.nspname,
           'type_name', coalesce(e.typname, t.typname),
           'not_null', a.attnotnull,
           'identity', a.attidentity::text,
           'generated', a.attgenerated::text,
           'expression', pg_get_expr(d.adbin, d.adrelid),
           'sequence', (
               SELECT json_build_object(
                          'schema', sn.nspname, 'name', sc.relname, 'kind', dep.deptype::text,
                          'start', s.seqstart::text, 'increment', s.seqincrement::text,
                          'min', s.seqmin::text, 'max', s.seqmax::text,
                          'cache', s.seqcache::text, 'cycle', s.seqcycle)
               FROM pg_catalog.pg_depend dep
               JOIN pg_catalog.pg_class sc ON sc.oid = dep.objid AND sc.relkind = 'S'
               JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace
               JOIN pg_catalog.pg_sequence s ON s.seqrelid = sc.oid
               WHERE dep.classid = 'pg_catalog.pg_class'::regclass
                 AND dep.refclassid = 'pg_catalog.pg_class'::regclass
                 AND dep.refobjid = c.oid
                 AND dep.refobjsubid = a.attnum
                 AND (dep.deptype = 'i' OR dep.deptype = 'a' AND EXISTS (
                     SELECT FROM pg_catalog.pg_depend used
                     WHERE used.classid = 'pg_catalog.pg_attrdef'::regclass
                       AND used.objid = d.oid
                       AND used.refclassid = 'pg_catalog.pg_class'::regclass
                       AND used.refobjid = sc.oid))
               ORDER BY sc.oid
               LIMIT 1
           )
       )::text
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
JOIN pg_catalog.pg_namespace tn ON tn.oid = coalesce(e.typnamespace, t.typnamespace)
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND n.nspname = ANY ($1)
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
