SELECT s.name,
       s.sql,
       (SELECT json_group_array(c.name) FROM (SELECT name FROM pragma_table_xinfo(s.name) ORDER BY cid) c)
           AS columns
FROM sqlite_schema s
WHERE s.type = 'table' AND s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\'
  AND s.sql LIKE '%check%' AND s.sql NOT LIKE 'create virtual%'
ORDER BY s.name
