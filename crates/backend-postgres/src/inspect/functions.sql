SELECT ((jsonb_build_object(
    'schema_name', n.nspname,
    'function_name', p.proname,
    'signature', p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    'return_type', pg_catalog.pg_get_function_result(p.oid),
    'language', l.lanname,
    'is_set_returning', p.proretset,
    'kind', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE 'function' END,
    'security_definer', p.prosecdef,
    'metadata', jsonb_build_object('function_oid', p.oid::bigint)
)) || CASE WHEN $4 THEN jsonb_build_object('definition', pg_catalog.pg_get_functiondef(p.oid)) ELSE '{}'::jsonb END)::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prokind <> 'a'
    AND ($1::text IS NULL OR n.nspname = $1)
    AND ($2::text IS NULL OR p.proname LIKE $2)
    AND ($3 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
ORDER BY n.nspname COLLATE "C", p.proname COLLATE "C", p.oid
LIMIT 5000
