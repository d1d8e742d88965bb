insert into public_gateway_routes
    (route_key, client_name, allowed_ops, is_active, metadata, table_name, any_table, columns,
     forced_conditions, max_limit, saved_query, allow_raw_sql)
values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::jsonb, $10, $11, $12)
on conflict (route_key) where deleted_at is null do nothing
returning public_gateway_route_id::text as id, route_key, client_name, allowed_ops, is_active,
       metadata::text as metadata, table_name, any_table, columns, forced_conditions::text as forced_conditions,
       max_limit, saved_query, allow_raw_sql,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
       to_char(deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as deleted_at
