SELECT jsonb_build_object(
    'schema_name', n.nspname,
    'table_name', t.relname,
    'index_name', c.relname,
    'method', a.amname,
    'columns', (
        SELECT jsonb_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k.n::int, true) ORDER BY k.n)
        FROM generate_series(1, i.indnkeyatts) k (n)
    ),
    'included', COALESCE((
        SELECT jsonb_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k.n::int, true) ORDER BY k.n)
        FROM generate_series(i.indnkeyatts + 1, i.indnatts) k (n)
    ), '[]'::jsonb),
    'is_unique', i.indisunique,
    'is_primary', i.indisprimary,
    'is_valid', i.indisvalid,
    'condition', pg_catalog.pg_get_expr(i.indpred, i.indrelid, true),
    'definition', pg_catalog.pg_get_indexdef(i.indexrelid)
)::text
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_am a ON a.oid = c.relam
WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
    AND ($1::text IS NULL OR n.nspname = $1)
    AND ($2::text IS NULL OR t.relname = $2)
ORDER BY n.nspname COLLATE "C", t.relname COLLATE "C", c.relname COLLATE "C"
LIMIT 5000
