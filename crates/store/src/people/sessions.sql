select
    console_session_id::text as id,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
    to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as expires_at,
    remote_addr,
    coalesce(token_hash = $2, false) as is_this
from console_sessions
where console_user_id = $1::uuid and revoked_at is null and console_sessions.expires_at > now()
order by console_sessions.created_at desc, console_session_id
limit 200
