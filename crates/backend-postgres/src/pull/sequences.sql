-- Sequences that no column owns.
SELECT json_build_object(
           'schema', n.nspname, 'name', c.relname,
           'start', s.seqstart::text, 'increment', s.seqincrement::text,
           'min', s.seqmin::text, 'max', s.seqmax::text,
           'cache', s.seqcache::text, 'cycle', s.seqcycle
       )::text
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend dep
                  WHERE dep.classid = 'pg_catalog.pg_class'::regclass
                    AND dep.objid = c.oid
                    AND dep.deptype IN ('a', 'i'))
ORDER BY n.nspname, c.relname
