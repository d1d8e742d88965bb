select api_registry_id::text as id,
       name,
       description,
       config::text as config,
       to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
       to_char(updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from api_registry
order by updated_at desc, id
limit $1
