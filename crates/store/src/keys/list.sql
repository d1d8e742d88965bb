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
    array(
        select r.name
        from api_key_right_grants g
        join api_key_rights r on r.id = g.right_id
        where g.api_key_id = k.id
        order by r.name
    ) as rights
from api_keys k
order by k.created_at desc, k.id desc
limit $1 offset $2
