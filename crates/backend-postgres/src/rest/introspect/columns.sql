-- The columns of those relations, in order. A domain counts as the type it is made of.
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
SELECT a.attrelid::int8 AS relation,
       a.attnum AS position,
       a.attname::text AS name,
       col_description(a.attrelid, a.attnum) AS comment,
       NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS is_nullable,
       CASE
           WHEN base.typnamespace = 'pg_catalog'::regnamespace THEN format_type(base.oid, NULL)
           ELSE format_type(a.atttypid, a.atttypmod)
       END AS data_type,
       format_type(a.atttypid, a.atttypmod) AS nominal_type,
       information_schema._pg_char_max_length(
           information_schema._pg_truetypid(a.*, t.*),
           information_schema._pg_truetypmod(a.*, t.*)
       )::int4 AS max_length,
       CASE
           WHEN t.typtype = 'd' AND d.adbin IS NULL THEN pg_get_expr(t.typdefaultbin, 0)
           WHEN a.attidentity = 'd' THEN format('nextval(%L)', identity.objid::regclass)
           WHEN a.attgenerated <> '' THEN NULL
           ELSE pg_get_expr(d.adbin, d.adrelid)
       END AS default_value,
       ARRAY(
           SELECT e.enumlabel::text
           FROM pg_catalog.pg_enum e
           WHERE e.enumtypid = base.oid
           ORDER BY e.enumsortorder
       ) AS enum_labels
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN bases b ON b.domain = t.oid
JOIN pg_catalog.pg_type base ON base.oid = COALESCE(b.base, t.oid)
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_depend identity
       ON a.attidentity = 'd'
      AND identity.refclassid = 'pg_catalog.pg_class'::regclass
      AND identity.refobjid = a.attrelid
      AND identity.refobjsubid = a.attnum
      AND identity.deptype = 'i'
WHERE n.nspname = ANY($1)
  AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND NOT c.relispartition
  AND a.attnum > 0
  AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
