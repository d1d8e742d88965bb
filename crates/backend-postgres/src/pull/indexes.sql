-- Indexes that no constraint owns, key columns only: the format has no place for INCLUDE.
SELECT json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'name', ic.relname,
           'unique', i.indisunique,
           'method', m.amname,
           'condition', pg_get_expr(i.indpred, i.indrelid),
           'options', ic.reloptions,
           'columns', (
               SELECT json_agg(json_build_object(
                          'name', a.attname,
                          'expression', pg_get_indexdef(i.indexrelid, k.place::int, false),
                          'flags', i.indoption[k.place - 1],
                          'opclass', oc.opcname) ORDER BY k.place)
               FROM generate_series(1, i.indnkeyatts) AS k(place)
               LEFT JOIN pg_catalog.pg_attribute a
                 ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place - 1] AND a.attnum > 0
               JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[k.place - 1]
           )
       )::text
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = ic.relam
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
  AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
                  WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
ORDER BY c.oid, ic.relname
