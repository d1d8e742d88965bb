SELECT jsonb_build_object(
    'extension_name', a.name,
    'default_version', a.default_version,
    'installed_version', a.installed_version,
    'schema_name', n.nspname,
    'comment', a.comment
)::text
FROM pg_catalog.pg_available_extensions a
LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
ORDER BY a.name COLLATE "C"
