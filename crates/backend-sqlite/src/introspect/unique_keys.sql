SELECT keys.name AS name, keys.origin AS origin, columns.name AS column_name
FROM pragma_index_list($1) AS keys, pragma_index_info(keys.name) AS columns
WHERE keys."unique" AND NOT keys.partial
ORDER BY keys.seq, columns.seqno
