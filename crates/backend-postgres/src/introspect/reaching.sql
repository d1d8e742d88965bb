-- Relations where a write may change other ones too: by a trigger that fires, a rule that rewrites,
-- or a table that inherits. Partitions are not meant; reading a partitioned table is careful already.
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND (EXISTS (SELECT FROM pg_catalog.pg_trigger t
               WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
       OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                  WHERE r.ev_class = c.oid AND r.ev_type <> '1' AND r.ev_enabled <> 'D')
       OR (c.relkind = 'r' AND NOT c.relispartition
           AND EXISTS (SELECT FROM pg_catalog.pg_inherits i
                       WHERE c.oid IN (i.inhparent, i.inhrelid))))
ORDER BY n.nspname, c.relname
