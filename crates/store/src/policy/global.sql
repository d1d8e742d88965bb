select enforce_api_keys, to_char(updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at
from api_key_config
order by id
limit 1
