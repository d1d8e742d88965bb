insert into api_key_auth_log (
    request_id, api_key_id, api_key_public_id, client_name, method, path, presented_key_hash,
    required_rights, granted_rights, authenticated, authorized, enforced, failure_reason,
    remote_addr, user_agent, time
)
select
    u.request_id, k.id, u.public_id, u.client_name, u.method, u.path, u.presented_key_hash,
    u.required_rights::jsonb, u.granted_rights::jsonb, u.authenticated, u.authorized, u.enforced,
    u.reason, u.remote_addr, u.user_agent,
    timestamptz 'epoch' + u.micros * interval '1 microsecond'
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::boolean[], $10::boolean[], $11::boolean[], $12::text[], $13::text[], $14::text[], $15::bigint[]
) with ordinality as u (
    request_id, public_id, client_name, method, path, presented_key_hash, required_rights,
    granted_rights, authenticated, authorized, enforced, reason, remote_addr, user_agent, micros, place
)
left join api_keys k on k.public_id = u.public_id
-- Ids follow the order in which things happened.
order by u.place
