-- Row security policies, each with both its conditions.
SELECT json_build_object(
           'schema', n.nspname,
           'relation', c.relname,
           'name', p.polname,
           'permissive', p.polpermissive,
           'command', p.polcmd::text,
           'roles', ARRAY(SELECT CASE WHEN r.id = 0 THEN 'public' ELSE pg_get_userbyid(r.id)::text END
                          FROM unnest(p.polroles) WITH ORDINALITY AS r(id, place)
                          ORDER BY r.place),
           'using', pg_get_expr(p.polqual, p.polrelid),
           'with_check', pg_get_expr(p.polwithcheck, p.polrelid)
       )::text
FROM pg_catalog.pg_policy p
JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
ORDER BY c.oid, p.polname
