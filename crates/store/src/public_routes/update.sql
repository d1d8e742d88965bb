update public_gateway_routes set
    client_name = $2, allowed_ops = $3, is_active = $4, metadata = $5::jsonb, table_name = $6,
    any_table = $7, columns = $8, forced_conditions = $9::jsonb, max_limit = $10, saved_query = $11,
    allow_raw_sql = $12, updated_at = now()
where route_key = $1 and deleted_at is null
returning public_gateway_route_id::text as id, route_key, client_name, allowed_ops, is_active,
       metadata::text as metadata, table_name, any_table, columns, forced_conditions::text as forced_conditions,
       max_limit, saved_query, allow_raw_sql,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
       to_char(deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as deleted_at
