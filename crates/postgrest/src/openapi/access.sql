-- What the role of this transaction may use in one schema, as one JSON document.
-- Types of parameters are written as this transaction's search path shows them.
SELECT json_build_object(
    'relations', COALESCE((
        SELECT json_agg(c.relname)
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1
          AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
          AND (pg_has_role(c.relowner, 'USAGE')
               OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
               OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
    ), '[]'),
    'routines', COALESCE((
        SELECT json_agg(json_build_object(
            'oid', p.oid::int8,
            'types', ARRAY(
                SELECT format_type(arg.type, NULL)
                FROM unnest(COALESCE(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
                     WITH ORDINALITY AS arg(type, mode, idx)
                WHERE arg.type IS NOT NULL
                  AND COALESCE(arg.mode, 'i') IN ('i', 'b', 'v')
                ORDER BY arg.idx
            )
        ))
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = $1
          AND p.prokind = 'f'
          AND has_function_privilege(p.oid, 'execute')
    ), '[]')
)::text AS body
