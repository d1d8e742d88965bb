-- The schemas asked for; without any, every one that is not the system's.
SELECT json_build_object('name', n.nspname)::text
FROM pg_catalog.pg_namespace n
WHERE CASE WHEN cardinality($1::text[]) = 0
           THEN n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
           ELSE n.nspname = ANY ($1) END
ORDER BY n.nspname <> 'public', n.nspname
