-- Tables, partitioned parents, foreign tables and views, each with what only it has.
SELECT json_build_object(
           'schema', n.nspname,
           'name', c.relname,
           'kind', c.relkind::text,
           'row_security', c.relrowsecurity,
           'populated', c.relispopulated,
           'options', c.reloptions,
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid, true) END
       )::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND n.nspname = ANY ($1)
ORDER BY n.nspname <> 'public', n.nspname, c.relname
