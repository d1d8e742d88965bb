SELECT name, type AS declared, "notnull" AS not_null, dflt_value AS default_value, pk AS key_position, hidden
FROM pragma_table_xinfo($1)
ORDER BY cid
