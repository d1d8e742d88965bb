select
    api_key_auth_log_id::text as id,
    to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time,
    request_id,
    api_key_public_id,
    client_name,
    method,
    path,
    presented_key_hash,
    required_rights::text as required_rights,
    granted_rights::text as granted_rights,
    authenticated,
    authorized,
    enforced,
    failure_reason as reason,
    remote_addr,
    user_agent
from api_key_auth_log
where ($1::text is null or client_name collate "C" = lower($1))
    and ($2::text is null or api_key_public_id collate "C" = $2)
    and ($3::text is null or request_id = $3)
    and ($4::text is null or failure_reason = $4)
    and ($5::text is null or remote_addr = $5)
    and ($6::boolean is null or authenticated = $6)
    and ($7::boolean is null or authorized = $7)
    and ($8::bigint is null or api_key_auth_log.time >= timestamptz 'epoch' + $8::bigint * interval '1 microsecond')
    and ($9::bigint is null or api_key_auth_log.time < timestamptz 'epoch' + $9::bigint * interval '1 microsecond')
order by api_key_auth_log.id desc
limit $10 offset $11
