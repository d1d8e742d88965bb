select
    api_key_rights_id::text as id,
    name,
    description,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from api_key_rights
where $1::text is null or api_key_rights_id = $1::uuid
order by name collate "C"
