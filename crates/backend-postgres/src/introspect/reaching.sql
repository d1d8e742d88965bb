-- Relations where a write may change other ones too: by a trigger that fires, a rule that rewrites,
-- or a table that inherits. Partitions do not count as that; reading a partitioned table is careful
-- already. A partition's copies of its parent's triggers may be internal, but not of a constraint.
SELECT n.nspname::text AS schema, c.relname::text AS name
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND (EXISTS (SELECT FROM pg_catalog.pg_trigger t
               WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D'
                 AND (NOT t.tgisinternal OR (c.relispartition AND t.tgconstraint = 0)))
       OR EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                  WHERE r.ev_class = c.oid AND r.ev_type <> '1' AND r.ev_enabled <> 'D')
       OR (c.relkind = 'r' AND NOT c.relispartition
           AND EXISTS (SELECT FROM pg_catalog.pg_inherits i
                       WHERE c.oid IN (i.inhparent, i.inhrelid))))
ORDER BY n.nspname, c.relname
