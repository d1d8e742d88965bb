-- Functions and procedures this role may call; no aggregates, window or trigger functions, nor
-- those that only the system itself can call or that an extension brought along.
SELECT p.oid::int8 AS oid,
       n.nspname::text AS schema,
       p.proname::text AS name,
       p.prokind::text AS kind,
       p.provolatile::text AS volatility,
       p.proretset AS returns_set,
       p.prorettype::int8 AS return_type,
       format_type(p.prorettype, NULL) AS return_sql,
       t.typtype::text AS return_kind,
       p.pronargdefaults::int4 AS defaults,
       coalesce(p.proargnames, '{}')::text[] AS argument_names,
       coalesce(p.proargmodes::text[], '{}') AS argument_modes,
       a.types AS argument_types,
       a.spelled AS argument_sql,
       obj_description(p.oid, 'pg_proc') AS comment
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_type t ON t.oid = p.prorettype
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(u.oid::int8 ORDER BY u.at), '{}') AS types,
           coalesce(array_agg(format_type(u.oid, NULL) ORDER BY u.at), '{}') AS spelled
    FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS u(oid, at)
) AS a
WHERE p.prokind IN ('f', 'p')
  AND n.nspname !~ '^pg_'
  AND n.nspname <> 'information_schema'
  AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass
                    AND d.objid = p.oid
                    AND d.deptype = 'e')
  AND has_schema_privilege(n.oid, 'USAGE')
  AND has_function_privilege(p.oid, 'EXECUTE')
ORDER BY n.nspname, p.proname, p.oid
