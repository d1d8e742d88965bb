-- Functions of the exposed schemas that can be called with named arguments, or with one that needs no name.
WITH RECURSIVE steps AS (
    SELECT oid AS domain, typbasetype AS base
    FROM pg_catalog.pg_type
    WHERE typtype = 'd'
    UNION ALL
    SELECT s.domain, t.typbasetype
    FROM steps s
    JOIN pg_catalog.pg_type t ON t.oid = s.base AND t.typtype = 'd'
),
bases AS (
    SELECT s.domain, s.base
    FROM steps s
    JOIN pg_catalog.pg_type t ON t.oid = s.base AND t.typtype <> 'd'
)
SELECT p.oid::int8 AS oid,
       n.nspname::text AS schema,
       p.proname::text AS name,
       obj_description(p.oid, 'pg_proc') AS comment,
       COALESCE(inputs.names, '{}') AS names,
       COALESCE(inputs.types, '{}') AS types,
       COALESCE(inputs.unbounded_types, '{}') AS unbounded_types,
       COALESCE(inputs.variadics, '{}') AS variadics,
       p.pronargs - p.pronargdefaults AS required,
       rn.nspname::text AS return_schema,
       COALESCE(rc.relname, r.typname)::text AS return_name,
       p.proretset AS returns_set,
       -- A function with OUT, INOUT or TABLE arguments answers rows, whatever its type is called.
       r.typtype = 'c' OR COALESCE(p.proargmodes::text[] && '{t,b,o}', false) AS returns_composite,
       b.base IS NOT NULL AS returns_alias,
       p.provolatile::text AS volatility,
       p.provariadic <> 0 AS is_variadic,
       COALESCE(p.proconfig, '{}') AS settings
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN bases b ON b.domain = p.prorettype
JOIN pg_catalog.pg_type r ON r.oid = COALESCE(b.base, p.prorettype)
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.typnamespace
LEFT JOIN pg_catalog.pg_class rc ON rc.oid = r.typrelid
CROSS JOIN LATERAL (
    SELECT array_agg(COALESCE(arg.name, '') ORDER BY arg.idx) AS names,
           array_agg(format_type(arg.type, NULL) ORDER BY arg.idx) AS types,
           array_agg(
               CASE arg.type
                   WHEN 'bit'::regtype THEN 'bit varying'
                   WHEN 'bit[]'::regtype THEN 'bit varying[]'
                   WHEN 'character'::regtype THEN 'character varying'
                   WHEN 'character[]'::regtype THEN 'character varying[]'
                   ELSE format_type(arg.type, NULL)
               END ORDER BY arg.idx
           ) AS unbounded_types,
           array_agg(COALESCE(arg.mode = 'v', false) ORDER BY arg.idx) AS variadics,
           count(*) - count(arg.name) AS unnamed,
           (array_agg(arg.type ORDER BY arg.idx))[1] AS first_type
    FROM unnest(p.proargnames, COALESCE(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
         WITH ORDINALITY AS arg(name, type, mode, idx)
    WHERE arg.type IS NOT NULL
      AND COALESCE(arg.mode, 'i') IN ('i', 'b', 'v')
) inputs
WHERE n.nspname = ANY($1)
  AND p.prokind = 'f'
  AND r.oid <> 'trigger'::regtype
  AND (inputs.unnamed = 0
       OR (inputs.unnamed = 1
           AND inputs.first_type IN ('bytea'::regtype, 'json'::regtype, 'jsonb'::regtype,
                                     'text'::regtype, 'xml'::regtype)))
