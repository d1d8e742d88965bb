-- Functions that take one row of a relation and answer rows of a relation.
SELECT own.nspname::text AS function_schema,
       p.proname::text AS function_name,
       from_schema.nspname::text AS own_schema,
       from_type.typname::text AS own_name,
       to_schema.nspname::text AS other_schema,
       to_type.typname::text AS other_name,
       NOT p.proretset OR p.prorows = 1 AS to_one
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace own ON own.oid = p.pronamespace
JOIN pg_catalog.pg_type from_type ON from_type.oid = p.proargtypes[0]
JOIN pg_catalog.pg_class from_class ON from_class.oid = from_type.typrelid
JOIN pg_catalog.pg_namespace from_schema ON from_schema.oid = from_type.typnamespace
JOIN pg_catalog.pg_type to_type ON to_type.oid = p.prorettype
JOIN pg_catalog.pg_class to_class ON to_class.oid = to_type.typrelid
JOIN pg_catalog.pg_namespace to_schema ON to_schema.oid = to_type.typnamespace
WHERE p.pronargs = 1
  AND from_class.relkind IN ('v', 'r', 'm', 'f', 'p')
  AND to_class.relkind IN ('v', 'r', 'm', 'f', 'p')
  AND own.nspname = ANY($1)
