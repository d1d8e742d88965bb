update public_gateway_routes set deleted_at = now(), is_active = false, updated_at = now()
where route_key = $1 and deleted_at is null
returning public_gateway_route_id::text as id, route_key, client_name, allowed_ops, is_active,
       metadata::text as metadata, table_name, any_table, columns, forced_conditions::text as forced_conditions,
       max_limit, saved_query, allow_raw_sql,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
       to_char(deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as deleted_at
