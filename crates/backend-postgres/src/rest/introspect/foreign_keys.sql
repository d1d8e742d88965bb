-- Foreign keys between all tables; those a partition has from its parent are left out.
SELECT k.conname::text AS name,
       k.conrelid::int8 AS relation,
       k.confrelid::int8 AS foreign_relation,
       own_schema.nspname::text AS own_schema,
       own.relname::text AS own_name,
       other_schema.nspname::text AS other_schema,
       other.relname::text AS other_name,
       k.conkey AS positions,
       k.confkey AS foreign_positions,
       pairs.columns,
       pairs.foreign_columns,
       EXISTS (
           SELECT
           FROM pg_catalog.pg_constraint u
           WHERE u.conrelid = k.conrelid
             AND u.contype IN ('p', 'u')
             AND u.conkey @> k.conkey
             AND u.conkey <@ k.conkey
       ) AS is_one_to_one
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class own ON own.oid = k.conrelid
JOIN pg_catalog.pg_namespace own_schema ON own_schema.oid = own.relnamespace
JOIN pg_catalog.pg_class other ON other.oid = k.confrelid
JOIN pg_catalog.pg_namespace other_schema ON other_schema.oid = other.relnamespace
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY pair.ord) AS columns,
           array_agg(f.attname::text ORDER BY pair.ord) AS foreign_columns
    FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS pair(own, other, ord)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = pair.own
    JOIN pg_catalog.pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = pair.other
) pairs
WHERE k.contype = 'f'
  AND k.conparentid = 0
