SELECT id, "table" AS target, "from" AS column_name, "to" AS target_column
FROM pragma_foreign_key_list($1)
ORDER BY id, seq
