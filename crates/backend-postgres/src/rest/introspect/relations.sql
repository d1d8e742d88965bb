-- The relations of the exposed schemas, whatever the privileges; partitions are reached through their parent.
SELECT c.oid::int8 AS oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       obj_description(c.oid, 'pg_class') AS comment,
       c.relkind IN ('v', 'm') AS is_view,
       -- The bits are 1 << CMD_INSERT, CMD_UPDATE and CMD_DELETE; a view can have triggers for each.
       updatable.bits & 8 = 8 AS is_insertable,
       updatable.bits & 4 = 4 AS is_updatable,
       updatable.bits & 16 = 16 AS is_deletable
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT CASE
               WHEN c.relkind IN ('r', 'p') THEN 28
               WHEN c.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true)
               ELSE 0
           END AS bits
) updatable
WHERE n.nspname = ANY($1)
  AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND NOT c.relispartition
