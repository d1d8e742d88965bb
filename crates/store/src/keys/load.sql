select
    k.id as row,
    k.public_id,
    k.client_name,
    k.hash_version,
    k.pepper_id,
    k.key_salt,
    k.key_hash,
    k.previous_hash_version,
    k.previous_pepper_id,
    k.previous_salt,
    k.previous_hash,
    case
        when k.previous_until = '-infinity' then 0
        when k.previous_until < 'infinity' then (extract(epoch from k.previous_until) * 1000000)::bigint
    end as previous_until,
    case
        when k.expires_at = '-infinity' then 0
        when k.expires_at < 'infinity' then (extract(epoch from k.expires_at) * 1000000)::bigint
    end as expires_at,
    k.is_active,
    coalesce(g.rights, '{}') as rights
from api_keys k
