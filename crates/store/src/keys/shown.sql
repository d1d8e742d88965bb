select
    k.api_keys_id::text as id,
    k.public_id,
    k.name,
    k.description,
    k.client_name,
    to_char(k.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as expires_at,
    k.is_active,
    to_char(k.last_used_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_used_at,
    to_char(k.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(k.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at,
    to_char(k.rotated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as rotated_at,
    to_char(k.previous_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as previous_until,
    to_char(k.deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as archived_at,
    array(
        select r.name
        from api_key_right_grants g
        join api_key_rights r on r.id = g.right_id
        where g.api_key_id = k.id
        order by r.name
    ) as rights
from api_keys k
where ($1::bigint is null or k.id = $1) and ($2 or k.deleted_at is null)
order by k.created_at desc, k.id desc
limit $3 offset $4
