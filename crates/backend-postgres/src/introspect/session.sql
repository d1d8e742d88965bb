-- What the database calls itself, and where this session looks for bare names.
SELECT split_part(version(), ' ', 1) || ' ' || split_part(version(), ' ', 2) AS version,
       current_schemas(false)::text[] AS search_path
